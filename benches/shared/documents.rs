//! Bodies as chats have them.

use std::fmt::Write;

/// A message of about 512 bytes.
pub fn message() -> String {
    r#"{"id":"msg_01HZX3J8Q2","room":"room_7f3a9c","author":{"id":"u_alice","name":"Alice Kim"},"created_at":1763800000123,
"content":{"type":"text","text":"Hello, can you send me the draft of the contract by Friday? I will be on the road. 안녕하세요"},
"mentions":["u_bob","u_carol"],"reply_to":"msg_01HZX3J8PA","client_id":"b1946ac9-2492-4d23-8d1b-7a2e0c1f9d10",
"flags":{"silent":false,"urgent":true},"attachments":[],"meta":{"device":"ios","version":"8.14.2","locale":"ko_KR"}}"#
        .to_owned()
}

/// A megabyte of rooms, with the events of each.
pub fn sync() -> String {
    let mut body = String::from(r#"{"next_batch":"s1_2_3","rooms":{"#);
    let mut room = 0;
    while body.len() < 1 << 20 {
        let comma = if room > 0 { "," } else { "" };
        let _ = write!(
            body,
            r#"{comma}"!room{room}:example.org":{{"name":"Room {room}","unread":{},"events":["#,
            room % 7
        );
        for event in 0..12 {
            let comma = if event > 0 { "," } else { "" };
            let _ = write!(
                body,
                r#"{comma}{{"id":"$event{room}_{event}","type":"m.message","sender":"@user{}:example.org","ts":17638{room:05}{event:03},"content":{{"type":"m.text","text":"This is message {event} in room {room}, and it says \"nothing\" much."}}}}"#,
                room * event % 50
            );
        }
        body.push_str("]}");
        room += 1;
    }
    body.push_str("}}");
    body
}
