//! Connections: how long one may take, how many there may be, and how they end.

use std::time::Duration;

use borderpost::gateway::limit::Hits;
use borderpost::telemetry::Meters;

use super::http2::runtime;
use super::kit::{Client, Gateway, OK, PATIENCE, Recorder, answer, fields, relay, settings};

const GET: &str = "GET /r HTTP/1.1\r\nHost: a\r\n\r\n";
const SHORT: Duration = Duration::from_millis(150);

#[test]
fn a_head_that_takes_too_long_gets_408() {
    let recorder = Recorder::start(|_, stream| answer(stream, OK));
    let mut settings = settings(recorder.address);
    settings.waits.head = SHORT;
    let gateway = Gateway::start(settings);
    for begin in [
        "G",
        "GET / HTTP/1.1\r\nHost: a\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\r",
    ] {
        let mut client = gateway.connect();
        let answer = client.send(begin).read();
        assert_eq!((answer.status, answer.text()), (408, "Slow"), "{begin:?}");
        assert!(client.read_to_end().is_empty());
    }
    let mut client = gateway.connect();
    client.send(GET);
    assert_eq!(client.read().text(), "ok");
    client.send("GET /second");
    assert_eq!(client.read().status, 408);
}

#[test]
fn a_connection_that_says_nothing_is_closed() {
    let recorder = Recorder::start(|_, stream| answer(stream, OK));
    let mut settings = settings(recorder.address);
    settings.waits.head = SHORT;
    settings.waits.keep_alive = SHORT;
    let gateway = Gateway::start(settings);
    assert!(
        gateway.connect().read_to_end().is_empty(),
        "before a request"
    );
    let mut client = gateway.connect();
    assert_eq!(client.send(GET).read().text(), "ok");
    assert!(client.read_to_end().is_empty(), "after one");
}

#[test]
fn a_request_under_way_is_not_idle() {
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let recorder = Recorder::start(move |_, stream| {
        let _ = wait.lock().unwrap().recv();
        answer(stream, OK)
    });
    let mut settings = settings(recorder.address);
    settings.waits.head = SHORT;
    settings.waits.keep_alive = SHORT;
    let gateway = Gateway::start(settings);
    let mut busy = gateway.connect();
    busy.send(GET);
    recorder.next();
    for _ in 0..3 {
        assert!(
            gateway.connect().read_to_end().is_empty(),
            "an idle one is closed meanwhile"
        );
    }
    go.send(()).unwrap();
    assert_eq!(busy.read().text(), "ok");
}

#[test]
fn one_address_has_so_many_connections_and_a_trusted_proxy_more() {
    let recorder = Recorder::start(|_, stream| answer(stream, OK));
    let mut settings = settings(recorder.address);
    settings.limits.connections_per_address_max = 2;
    let gateway = Gateway::start(settings.clone());
    let mut held: Vec<Client> = (0..2).map(|_| served(&gateway)).collect();
    turned_away(&gateway);
    drop(held.pop());
    until_served(&gateway);

    settings.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    settings.limits.connections_max = 4;
    let gateway = Gateway::start(settings);
    let held: Vec<Client> = (0..4).map(|_| served(&gateway)).collect();
    turned_away(&gateway);
    assert_eq!(held.len(), 4);
}

fn served(gateway: &Gateway) -> Client {
    let mut client = gateway.connect();
    assert_eq!(client.send(GET).read().text(), "ok");
    client
}

fn turned_away(gateway: &Gateway) {
    let mut client = gateway.connect();
    let answer = client.send(GET).read();
    assert_eq!(answer.status, 503);
    assert_eq!(fields(&answer.head, "retry-after").len(), 1);
    assert!(client.read_to_end().is_empty());
}

/// The end of a connection takes its way through the kernel: tries until a place is free.
fn until_served(gateway: &Gateway) {
    for _ in 0..1000 {
        if gateway.connect().send(GET).read().status == 200 {
            return;
        }
    }
    panic!("the place stays taken");
}

#[test]
fn a_panic_in_a_journey_is_a_500_and_the_rest_goes_on() {
    let (gateway, _recorder) = relay();
    let mut client = gateway.connect();
    let answer = client.send("GET /panic HTTP/1.1\r\nHost: a\r\n\r\n").read();
    assert_eq!(answer.status, 500);
    assert!(client.read_to_end().is_empty(), "its connection ends");
    assert_eq!(gateway.connect().send(GET).read().text(), "ok");
}

#[test]
fn an_answer_names_its_request() {
    let (gateway, recorder) = relay();
    let head = gateway.connect().send(GET).read().head;
    assert_eq!(
        fields(&head, "x-request-id"),
        recorder.next().headers("x-request-id")
    );
}

#[test]
fn a_drain_finishes_what_is_under_way_and_takes_nothing_new() {
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let recorder = Recorder::start(move |_, stream| {
        let _ = wait.lock().unwrap().recv();
        answer(stream, OK)
    });
    let mut settings = settings(recorder.address);
    settings.workers = Some(2);
    let gateway = Gateway::start(settings);
    let address = gateway.address;
    let mut busy = gateway.connect();
    busy.send(GET);
    recorder.next();
    let drain = std::thread::spawn(move || runtime().block_on(gateway.running.drain(PATIENCE)));
    // The listeners close first; then nobody new gets in.
    while std::net::TcpStream::connect(address).is_ok() {}
    go.send(()).unwrap();
    let answer = busy.read();
    assert_eq!(answer.text(), "ok");
    assert_eq!(fields(&answer.head, "connection"), ["close"]);
    assert!(busy.read_to_end().is_empty());
    assert_eq!(drain.join().unwrap(), 0);
}

#[test]
fn a_drain_closes_idle_connections_at_once() {
    let (gateway, _recorder) = relay();
    let mut idle = served(&gateway);
    assert_eq!(runtime().block_on(gateway.running.drain(PATIENCE)), 0);
    assert!(idle.read_to_end().is_empty());
}

#[test]
fn a_drain_cuts_off_what_does_not_finish_in_time() {
    let recorder = Recorder::start(|_, _| true);
    let gateway = Gateway::start(settings(recorder.address));
    let mut stuck = gateway.connect();
    stuck.send(GET);
    recorder.next();
    assert_eq!(runtime().block_on(gateway.running.drain(SHORT)), 1);
    assert!(stuck.read_to_end().is_empty());
}

#[test]
fn every_worker_serves_on_the_same_port() {
    let recorder = Recorder::start(|_, stream| answer(stream, OK));
    let mut settings = settings(recorder.address);
    settings.workers = Some(4);
    let gateway = Gateway::start(settings);
    for _ in 0..32 {
        served(&gateway);
    }
    let connections: std::collections::HashSet<_> = recorder
        .rest()
        .into_iter()
        .map(|recorded| recorded.connection)
        .collect();
    assert!(connections.len() > 1, "more than one worker forwarded");
}

#[test]
fn an_address_in_use_is_said_to_be() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut settings = settings(taken.local_addr().unwrap());
    settings.listeners[0].address = taken.local_addr().unwrap();
    let target =
        borderpost::gateway::upstream::Target::prepare(&settings.upstream, &settings.waits)
            .unwrap();
    drop(target);
    let error = borderpost::gateway::server::Server::start(
        settings,
        Hits::new(&Meters::new()),
        |_| -> std::rc::Rc<super::kit::Relay> { panic!("no worker may start") },
    )
    .unwrap_err();
    assert!(
        error.to_string().starts_with("cannot listen on 127.0.0.1:"),
        "{error}"
    );
}
