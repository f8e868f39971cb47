//! How many arenas the allocator of glibc has. It gives each thread one until there are eight for each processor, and an
//! arena keeps the most that it ever held: in a server whose threads take turns with its clients, memory grows to that peak
//! times the threads, though the clients are never more.
//!
//! `unsafe` is one call of the C library, `mallopt`: it takes two numbers, reads and writes no memory of the caller, and may
//! be called at any time and by any thread.

/// From now on at most `count` arenas, at least one, are made. To be called before threads are started: arenas that are
/// there stay. Returns whether the allocator does as it is told; one that is not glibc's does not.
pub fn limit(count: usize) -> bool {
    set(i32::try_from(count.max(1)).unwrap_or(i32::MAX))
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn set(count: i32) -> bool {
    // SAFETY: mallopt has no precondition, and takes its lock itself.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, count) == 1 }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn set(_count: i32) -> bool {
    false
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_allocator_of_glibc_does_as_it_is_told() {
        let is_glibc = cfg!(all(target_os = "linux", target_env = "gnu"));
        for count in [0, 1, 4, usize::MAX] {
            assert_eq!(super::limit(count), is_glibc, "{count}");
        }
    }
}
