//! The limit of the process on file descriptors.

/// Raises the soft limit to the hard one and returns it; `None` where there is none, or it is not known.
#[cfg(unix)]
pub fn raise_limit() -> Option<u64> {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let before = limit.current;
        limit.current = limit.maximum;
        if setrlimit(Resource::Nofile, limit).is_err() {
            return before;
        }
    }
    limit.current
}

/// Elsewhere sockets have no such limit.
#[cfg(not(unix))]
pub fn raise_limit() -> Option<u64> {
    None
}
