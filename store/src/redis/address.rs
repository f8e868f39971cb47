//! Where a Redis server is, and what to say to it: `redis://[USER[:PASSWORD]@]HOST[:PORT][/DB]`, `rediss://` for
//! TLS, `unix:/PATH[?db=N]`.

use std::{fmt, path::PathBuf, sync::Arc};

use handclasp::Client;
use percent_encoding::percent_decode_str;
use url::Url;
use zeroize::Zeroizing;

/// Redis's port.
const PORT: u16 = 6379;

/// The address of a Redis server. Its `Debug` and `Display` forms show no password.
#[derive(Clone)]
pub struct RedisAddress {
    pub(super) place: Place,
    pub(super) user: Option<String>,
    pub(super) password: Option<Arc<Zeroizing<String>>>,
    pub(super) db: i64,
    /// With `rediss:`.
    pub(super) tls: Option<Client>,
    wants_tls: bool,
}

/// How it is reached.
#[derive(Clone)]
pub(super) enum Place {
    Tcp(String, u16),
    Unix(PathBuf),
}

/// Why a text is not the address of a Redis server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisUrlError(String);

impl fmt::Display for RedisUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RedisUrlError {}

fn error(words: impl Into<String>) -> RedisUrlError {
    RedisUrlError(words.into())
}

impl RedisAddress {
    /// Reads an address.
    ///
    /// # Errors
    /// What is wrong, without the password.
    pub fn parse(text: &str) -> Result<Self, RedisUrlError> {
        if let Some(rest) = text.strip_prefix("unix:").or_else(|| text.strip_prefix("redis+unix://")) {
            let (path, db) = match rest.split_once("?db=") {
                Some((path, db)) => (path, db_number(db)?),
                None => (rest, 0),
            };
            return match path.starts_with('/') {
                true => Ok(Self::at(Place::Unix(path.into()), db, false)),
                false => Err(error(format!("expected unix:/PATH, found the path {path:?}"))),
            };
        }
        let url = Url::parse(text).map_err(|why| error(format!("expected redis://HOST:PORT: {why}")))?;
        let wants_tls = match url.scheme() {
            "redis" => false,
            "rediss" => true,
            other => {
                return Err(error(format!("expected redis://, rediss:// or unix:, found {other}:")));
            }
        };
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| error("expected redis://HOST:PORT, found no host"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let db = match url.path().trim_matches('/') {
            "" => 0,
            path => db_number(path)?,
        };
        let decoded = |text: &str| {
            let bytes = percent_decode_str(text).decode_utf8();
            bytes.map(|text| text.into_owned()).map_err(|_| error("user or password: not UTF-8"))
        };
        let mut address = Self::at(Place::Tcp(host, url.port().unwrap_or(PORT)), db, wants_tls);
        if !url.username().is_empty() {
            address.user = Some(decoded(url.username())?);
        }
        if let Some(password) = url.password() {
            address = address.with_password(Zeroizing::new(decoded(password)?));
        }
        Ok(address)
    }

    fn at(place: Place, db: i64, wants_tls: bool) -> Self {
        Self { place, user: None, password: None, db, tls: None, wants_tls }
    }

    /// The password of AUTH.
    #[must_use]
    pub fn with_password(mut self, password: Zeroizing<String>) -> Self {
        self.password = Some(Arc::new(password));
        self
    }

    /// The client of `rediss:`: whom it trusts, and its certificate or pre-shared key.
    #[must_use]
    pub fn with_tls(mut self, client: Client) -> Self {
        self.tls = Some(client);
        self
    }

    /// Whether it is a `rediss:` address, which needs [`RedisAddress::with_tls`].
    pub fn wants_tls(&self) -> bool {
        self.wants_tls
    }

    /// Whether the text of the address held a password, which other users of the machine may see.
    pub fn has_password(&self) -> bool {
        self.password.is_some()
    }
}

fn db_number(text: &str) -> Result<i64, RedisUrlError> {
    let number = text
        .parse::<u32>()
        .map_err(|_| error(format!("expected the number of a database, found {text:?}")))?;
    Ok(number.into())
}

impl fmt::Display for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Tcp(host, port) => {
                let scheme = if self.wants_tls { "rediss" } else { "redis" };
                match host.contains(':') {
                    true => write!(f, "{scheme}://[{host}]:{port}"),
                    false => write!(f, "{scheme}://{host}:{port}"),
                }
            }
            Place::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl fmt::Debug for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_without_passwords() {
        for (text, shown, user, db) in [
            ("redis://127.0.0.1", "redis://127.0.0.1:6379", None, 0),
            ("redis://:s%2Fecret@db.test:7000/3", "redis://db.test:7000", None, 3),
            ("rediss://fleet:secret@[::1]:7000", "rediss://[::1]:7000", Some("fleet"), 0),
            ("unix:/run/redis.sock?db=2", "unix:/run/redis.sock", None, 2),
            ("redis+unix:///run/redis.sock", "unix:/run/redis.sock", None, 0),
        ] {
            let address = RedisAddress::parse(text).unwrap();
            assert_eq!((address.to_string().as_str(), format!("{address:?}").as_str()), (shown, shown));
            assert_eq!((address.user.as_deref(), address.db), (user, db), "{text}");
        }
        let address = RedisAddress::parse("redis://:s%2Fecret@db.test").unwrap();
        assert_eq!(address.password.unwrap().as_str(), "s/ecret");
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, words) in [
            ("db.test:6379", "expected redis://"),
            ("http://db.test", "found http:"),
            ("redis://", "host"),
            ("redis://db.test/first", "found \"first\""),
            ("unix:run/redis.sock", "expected unix:/PATH"),
            ("redis://:secret@db.test:99999", "port"),
        ] {
            let error = RedisAddress::parse(text).unwrap_err().to_string();
            assert!(error.contains(words) && !error.contains("secret"), "{text}: {error}");
        }
    }
}
