//! What our own servers refuse by a bound of theirs is a good hello to a reader.

use handclasp_explain::explain_bytes;

/// A ClientHello of TLS 1.2 with so many empty extensions, as hex.
fn hello(extensions: u16) -> String {
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend([0, 0, 2, 0xc0, 0x2b, 1, 0]);
    body.extend((extensions * 4).to_be_bytes());
    body.extend((0..extensions).flat_map(|n| [(0x4000 + n).to_be_bytes(), [0, 0]]).flatten());
    let length = u16::try_from(body.len()).unwrap();
    let record = [&[22, 3, 1], &(length + 4).to_be_bytes()[..], &[1, 0], &length.to_be_bytes()].concat();
    record.iter().chain(&body).map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn any_number_of_extensions_reads_as_a_good_hello() {
    for count in [128, 129, 2000] {
        let text = explain_bytes(hello(count).as_bytes()).unwrap().to_string();
        assert!(!text.contains("malformed") && !text.contains("extension_type at offset"), "{text}");
        assert!(!text.contains("write "), "nothing is there to repair: {text}");
    }
}
