//! Lines that contain the words of a failure and report none: requests of an access log, and verdicts of a
//! verification that the program went on after.

/// Whether a line is of an access log, or says that the program went on.
pub(super) fn is(line: &str) -> bool {
    is_access(line) || line.contains("continuing anyway")
}

/// Whether a line holds the request line of HTTP and the status behind it, as access logs do: path, Referer and
/// User-Agent are words of the client.
fn is_access(line: &str) -> bool {
    line.match_indices(" HTTP/").any(|(at, start)| {
        let behind = line.get(at + start.len()..).unwrap_or_default();
        let Some((version, behind)) = behind.split_once("\" ") else { return false };
        let mut fields = behind.split_ascii_whitespace();
        let status = fields.next().unwrap_or_default();
        // Envoy has flags and reasons of a failure behind the status.
        let size = fields.next().unwrap_or("-");
        version.len() <= 3
            && status.len() == 3
            && status.parse::<u16>().is_ok()
            && (size == "-" || size.parse::<u64>().is_ok())
    })
}

/// Whether a program went on after a verification that failed, as `openssl s_client` does without
/// `-verify_return_error`.
pub(super) fn goes_on(log: &str) -> bool {
    log.contains("verify return:1") || log.contains("Verify return code: ")
}

/// Whether a program reached the server, by another address where one refused.
pub(super) fn is_connected(log: &str) -> bool {
    ["* Connected to ", "* Established connection to ", "CONNECTED(0000"]
        .iter()
        .any(|words| log.contains(words))
}

/// Whether a line is a verdict of `openssl s_client`, which it goes on after.
pub(super) fn is_tolerated(line: &str) -> bool {
    line.starts_with("verify error:num=") || line.starts_with("Verify return code: ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_words_of_a_client() {
        for line in [
            r#"10.0.0.7 - - [01/May/2024:10:00:00 +0000] "GET /certificate%20has%20expired HTTP/1.1" 200 612 "-" "-""#,
            r#""POST /x HTTP/2.0" 404"#,
        ] {
            assert!(is(line), "{line}");
        }
        for line in [
            r#"upstream SSL certificate verify error, request: "GET / HTTP/1.1", upstream: "https://10.0.0.9/""#,
            r#""GET / HTTP/1.1" 503 UF upstream_reset_before_response_started{TLS_error}"#,
            r#""GET / HTTP/1.1" 20 seconds"#,
            r#""GET / HTTP/1.1" 2000"#,
        ] {
            assert!(!is(line), "{line}");
        }
    }
}
