//! Streams of server-sent events: cut into events, read, and written anew.

use borderpost::gateway::events::{Ends, Fields};

/// What a client reads of the stream (HTML, 9.2.6): each event's name, data and id.
fn dispatched(stream: &str) -> Vec<(String, String, String)> {
    let (mut name, mut data, mut id) = (String::new(), String::new(), String::new());
    let mut events = Vec::new();
    let stream = stream.replace("\r\n", "\n").replace('\r', "\n");
    // What follows the last line end is no line.
    let lines = stream.rsplit_once('\n').map_or("", |(lines, _)| lines);
    for line in lines.split('\n') {
        if line.is_empty() {
            if !data.is_empty() {
                data.pop();
                events.push((name.clone(), data.clone(), id.clone()));
            }
            name.clear();
            data.clear();
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => name = value.to_owned(),
            "data" => {
                data.push_str(value);
                data.push('\n');
            }
            "id" => id = value.to_owned(),
            _ => {}
        }
    }
    events
}

/// An event that is written anew says to a client what it said before, and one whose data is left
/// out says nothing.
pub fn check(input: &[u8]) {
    let mut rest = input;
    let mut ends = Ends::default();
    while let Some(end) = ends.next(rest) {
        assert!(0 < end && end <= rest.len());
        let (event, more) = rest.split_at(end);
        rest = more;
        let Some(fields) = Fields::read(event) else {
            assert!(std::str::from_utf8(event).is_err());
            continue;
        };
        let before = dispatched(std::str::from_utf8(event).expect("it was read"));
        assert!(before.len() <= 1, "two events in one");
        let silent = String::from_utf8(fields.without_data().to_vec()).expect("text");
        assert!(dispatched(&silent).is_empty(), "{silent:?}");
        let anew = fields.with_data(fields.data().as_bytes());
        assert_eq!(
            Ends::default().next(&anew),
            Some(anew.len()),
            "no event of its own"
        );
        let after = dispatched(std::str::from_utf8(&anew).expect("text"));
        if let Some((name, data, id)) = before.first() {
            assert!(fields.has_data());
            let said = if name.is_empty() { "message" } else { name };
            let shown = after.first().expect("it is an event");
            let heard = if shown.0.is_empty() {
                "message"
            } else {
                &shown.0
            };
            assert_eq!((heard, &shown.1, &shown.2), (said, data, id));
        }
    }
}
