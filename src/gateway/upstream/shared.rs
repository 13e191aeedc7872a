//! One HTTP/2 connection to the upstream, shared by all requests of a worker.

use std::cell::RefCell;
use std::fmt;

use hyper::client::conn::http2::SendRequest;
use tokio::sync::Mutex;
use tokio::task::AbortHandle;

use super::dial::Target;
use super::fault::UpstreamFault;
use super::outbound::OutboundBody;

/// The shared connection, opened when it is needed and again after it closed.
#[derive(Default)]
pub(super) struct Shared {
    /// Changed when a connection was opened.
    open: RefCell<Option<OpenHttp2>>,
    /// Held by who opens, so that one does for all that wait.
    opening: Mutex<()>,
}

/// An open HTTP/2 connection; it closes when this is dropped.
pub(super) struct OpenHttp2 {
    sender: SendRequest<OutboundBody>,
    task: AbortHandle,
}

impl OpenHttp2 {
    pub(super) fn new(sender: SendRequest<OutboundBody>, task: AbortHandle) -> Self {
        Self { sender, task }
    }
}

impl Drop for OpenHttp2 {
    fn drop(&mut self) {
        // A connection that is told to close finishes its streams first; one that still lives when
        // its owner ends has nobody left to answer.
        if self.sender.is_closed() {
            return;
        }
        self.task.abort();
    }
}

impl Shared {
    /// A handle on the connection, opened if there is none.
    pub(super) async fn sender(
        &self,
        target: &Target,
    ) -> Result<SendRequest<OutboundBody>, UpstreamFault> {
        if let Some(sender) = self.ready() {
            return Ok(sender);
        }
        let _opening = self.opening.lock().await;
        if let Some(sender) = self.ready() {
            return Ok(sender);
        }
        let open = Box::pin(target.open_http2()).await?;
        let sender = open.sender.clone();
        *self.open.borrow_mut() = Some(open);
        Ok(sender)
    }

    fn ready(&self) -> Option<SendRequest<OutboundBody>> {
        let open = self.open.borrow();
        let sender = &open.as_ref()?.sender;
        (!sender.is_closed()).then(|| sender.clone())
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("open", &self.ready().is_some())
            .finish()
    }
}
