//! What an HTTP/1 reply says about its own length (RFC 9112 §6.3), for telling a whole reply from one
//! that was cut where TLS cannot tell. Anything that is not HTTP/1 announces nothing.

/// The longest header that is looked at.
const HEADER_MAX: usize = 64 * 1024;

/// What came so far.
pub struct Reply {
    state: State,
    /// Any byte at all.
    has_begun: bool,
    /// A header announced a length or chunks.
    has_length: bool,
    /// The last header was of an interim reply (1xx): the reply itself is still to come.
    is_interim: bool,
}

enum State {
    /// A status line and header fields, as far as they came.
    Header(Vec<u8>),
    /// A body of announced length.
    Body { announced: u64, left: u64 },
    /// A body in chunks.
    Chunked(Chunks),
    /// Nothing is announced.
    Unknown,
    /// A length is announced that is not one number (RFC 9112 §6.3).
    NoNumber,
}

/// Where in a chunked body we are.
enum Chunks {
    /// A line with the size of the next chunk.
    Size(Vec<u8>),
    /// Bytes of a chunk and the line end behind it.
    Data(u64),
    /// Lines behind the last chunk.
    Trailer(Vec<u8>),
}

/// What a header announces.
enum Announced {
    Length(u64),
    /// Content-Length that is no number, or several that differ.
    NoNumber,
    Chunks,
    /// An interim reply: another header follows.
    Another,
    /// No body, or one that ends with the connection.
    Nothing,
}

impl Reply {
    pub fn new() -> Self {
        Self { state: State::Header(Vec::new()), has_begun: false, has_length: false, is_interim: false }
    }

    /// Whether anything came.
    pub fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Whether it announces its length.
    pub fn has_length(&self) -> bool {
        self.has_length
    }

    /// Whether all came that was announced.
    pub fn is_whole(&self, is_head: bool) -> bool {
        self.has_length
            && !matches!(self.state, State::Unknown | State::NoNumber)
            && self.missing(is_head).is_none()
    }

    /// More of it came.
    pub fn add(&mut self, mut bytes: &[u8]) {
        self.has_begun |= !bytes.is_empty();
        while !bytes.is_empty() {
            bytes = match &mut self.state {
                State::Unknown | State::NoNumber => return,
                State::Body { left, .. } => {
                    let taken = take(left, bytes);
                    if *left == 0 {
                        self.state = State::Header(Vec::new());
                    }
                    taken
                }
                State::Header(header) => match header_of(header, bytes) {
                    Header::More => return,
                    Header::NotHttp => {
                        self.state = State::Unknown;
                        return;
                    }
                    Header::Whole(rest) => {
                        let announced = announced(header);
                        self.has_length |= matches!(announced, Announced::Length(_) | Announced::Chunks);
                        self.is_interim = matches!(announced, Announced::Another);
                        self.state = match announced {
                            Announced::Length(0) | Announced::Another => State::Header(Vec::new()),
                            Announced::Length(announced) => State::Body { announced, left: announced },
                            Announced::Chunks => State::Chunked(Chunks::Size(Vec::new())),
                            Announced::Nothing => State::Unknown,
                            Announced::NoNumber => State::NoNumber,
                        };
                        rest
                    }
                },
                State::Chunked(chunks) => match chunks.add(bytes) {
                    Some((rest, false)) => rest,
                    Some((rest, true)) => {
                        self.state = State::Header(Vec::new());
                        rest
                    }
                    None => {
                        self.state = State::Unknown;
                        return;
                    }
                },
            };
        }
    }

    /// What is announced and did not come. The reply to HEAD has no body, whatever its header says.
    pub fn missing(&self, is_head: bool) -> Option<String> {
        match &self.state {
            State::Header(header) if header.is_empty() && self.is_interim => {
                Some("no final HTTP response follows the interim response".to_owned())
            }
            State::Header(header) if header.is_empty() => None,
            State::Header(_) => Some("the HTTP response ends inside its header".to_owned()),
            State::Body { announced, left } if announced == left && is_head => None,
            State::Body { announced, left } => Some(format!(
                "the HTTP response announces a body of {announced} bytes, of which {} arrived",
                announced.saturating_sub(*left)
            )),
            State::Chunked(Chunks::Size(line)) if line.is_empty() && is_head => None,
            State::Chunked(_) => Some("the HTTP response ends before its last chunk".to_owned()),
            State::NoNumber if is_head => None,
            State::NoNumber => Some("the HTTP response's Content-Length is not a single number".to_owned()),
            State::Unknown => None,
        }
    }
}

/// Takes as much as is left to come.
fn take<'b>(left: &mut u64, bytes: &'b [u8]) -> &'b [u8] {
    let count = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
    *left = left.saturating_sub(u64::try_from(count).unwrap_or(u64::MAX));
    bytes.get(count..).unwrap_or_default()
}

enum Header<'b> {
    /// It goes on.
    More,
    NotHttp,
    /// It is whole; what stands behind it.
    Whole(&'b [u8]),
}

/// Adds to a header, up to its end.
fn header_of<'b>(header: &mut Vec<u8>, bytes: &'b [u8]) -> Header<'b> {
    const START: &[u8] = b"HTTP/1.";
    for (offset, byte) in bytes.iter().enumerate() {
        header.push(*byte);
        if header.iter().zip(START).any(|(found, expected)| found != expected) || header.len() > HEADER_MAX {
            return Header::NotHttp;
        }
        if header.ends_with(b"\r\n\r\n") || header.ends_with(b"\n\n") {
            return Header::Whole(bytes.get(offset + 1..).unwrap_or_default());
        }
    }
    Header::More
}

fn announced(header: &[u8]) -> Announced {
    let text = String::from_utf8_lossy(header);
    let mut lines = text.lines();
    let status =
        lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse::<u16>().ok());
    match status {
        // The protocol changes, and nothing is known about the next one.
        None | Some(101) => return Announced::Nothing,
        Some(100..200) => return Announced::Another,
        Some(204 | 304) => return Announced::Length(0),
        Some(_) => {}
    }
    let mut lengths = Vec::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("transfer-encoding") {
            let is_chunked = value.trim().to_ascii_lowercase().ends_with("chunked");
            return if is_chunked { Announced::Chunks } else { Announced::Nothing };
        }
        if name.eq_ignore_ascii_case("content-length") {
            // The same number may stand there again.
            lengths.extend(value.split(',').map(|length| length.trim().parse::<u64>().ok()));
            lengths.dedup();
        }
    }
    match *lengths {
        [] => Announced::Nothing,
        [Some(length)] => Announced::Length(length),
        _ => Announced::NoNumber,
    }
}

impl Chunks {
    /// More bytes: what is left of them, and whether the body is whole. `None`: not chunks at all.
    fn add<'b>(&mut self, bytes: &'b [u8]) -> Option<(&'b [u8], bool)> {
        match self {
            Self::Data(left) => {
                let rest = take(left, bytes);
                if *left == 0 {
                    *self = Self::Size(Vec::new());
                }
                Some((rest, false))
            }
            Self::Size(line) => {
                let (first, rest) = bytes.split_first()?;
                line.push(*first);
                if *first == b'\n' {
                    let text = String::from_utf8_lossy(line);
                    let digits = text.split(';').next().unwrap_or_default().trim();
                    let size = u64::from_str_radix(digits, 16).ok()?;
                    *self =
                        if size == 0 { Self::Trailer(Vec::new()) } else { Self::Data(size.checked_add(2)?) };
                } else if line.len() > HEADER_MAX {
                    return None;
                }
                Some((rest, false))
            }
            Self::Trailer(line) => {
                let (first, rest) = bytes.split_first()?;
                if *first != b'\n' {
                    line.push(*first);
                    return (line.len() <= HEADER_MAX).then_some((rest, false));
                }
                let is_whole = line.is_empty() || line == b"\r";
                line.clear();
                Some((rest, is_whole))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Added whole, and byte by byte.
    fn missing(bytes: &[u8], is_head: bool) -> Option<String> {
        let (mut whole, mut bytewise) = (Reply::new(), Reply::new());
        whole.add(bytes);
        bytes.iter().for_each(|byte| bytewise.add(&[*byte]));
        assert_eq!(whole.missing(is_head), bytewise.missing(is_head));
        whole.missing(is_head)
    }

    #[test]
    fn announced_lengths() {
        let ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
        for (text, is_missing) in [
            ("not HTTP at all", false),
            ("", false),
            ("HTTP/1.0 200 OK\r\n\r\nuntil the end", false),
            ("HTTP/1.1 200 OK\r\nContent-", true),
            (&format!("{ok}12345"), false),
            (&format!("{ok}1234"), true),
            (&format!("{ok}12345{ok}123"), true),
            (&format!("HTTP/1.1 100 Continue\r\n\r\n{ok}12345"), false),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\ncontent-length: 2\r\n\r\nab", false),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 2\r\n\r\nab", true),
            ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nab", true),
            ("HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nab", true),
            // An interim reply is no answer (RFC 9110 §15.2).
            ("HTTP/1.1 100 Continue\r\n\r\n", true),
            ("HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n", true),
            (&format!("{ok}12345HTTP/1.1 100 Continue\r\n\r\n"), true),
            ("HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n", false),
            ("HTTP/1.1 101 Switching Protocols\r\ncontent-length: 9\r\n\r\nabc", false),
        ] {
            assert_eq!(missing(text.as_bytes(), false).is_some(), is_missing, "{text}");
        }
        assert_eq!(missing(ok.as_bytes(), true), None);
        assert!(missing(ok.as_bytes(), false).unwrap().contains("5 bytes, of which 0 arrived"));
    }

    #[test]
    fn chunks() {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (body, is_missing) in [
            ("3\r\nabc\r\n0\r\n\r\n", false),
            ("3;x=y\r\nabc\r\n0\r\nTrailer: 1\r\n\r\n", false),
            ("3\r\nabc\r\n", true),
            ("3\r\nab", true),
            ("0\r\n", true),
            ("", true),
            // Not chunks after all: nothing is known.
            ("xyz\r\n", false),
        ] {
            assert_eq!(missing(format!("{head}{body}").as_bytes(), false).is_some(), is_missing, "{body:?}");
        }
        assert_eq!(missing(head.as_bytes(), true), None);
    }
}
