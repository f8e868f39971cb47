//! A counting heap: bytes in use, peak and number of allocations, for each of two accounts, so that a
//! client and a server in one program are counted separately.

use core::{
    alloc::{GlobalAlloc, Layout},
    cell::Cell,
    mem::MaybeUninit,
};

use embedded_alloc::LlffHeap;

/// The account to which allocations are charged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// Allocations of the client.
    Client,
    /// Allocations of the server.
    Server,
}

/// Counters of one account, in bytes requested.
#[derive(Clone, Copy, Default)]
pub struct Count {
    /// Bytes in use.
    pub now: usize,
    /// Most bytes in use at any time.
    pub peak: usize,
    /// Number of allocations so far.
    pub allocations: usize,
}

/// The heap. Each block has its account stored in front of it.
pub struct CountedHeap {
    inner: LlffHeap,
    current: Cell<Account>,
    client: Cell<Count>,
    server: Cell<Count>,
}

/// Bytes in front of every block; equal to the strictest alignment that is requested (by the key
/// schedule of AES).
const FRONT: usize = 16;

const SIZE: usize = 40 * 1024;

/// Memory of the heap. Not in .bss: it is never read before it is written, and code sizes exclude it.
#[unsafe(link_section = ".uninit.heap")]
static mut MEMORY: MaybeUninit<[u64; SIZE / 8]> = MaybeUninit::uninit();

// SAFETY: the program has one core and no interrupt handler allocates, so calls do not overlap;
// `LlffHeap` synchronizes itself.
unsafe impl Sync for CountedHeap {}

// SAFETY: blocks come from `LlffHeap` with a layout that is FRONT bytes larger and aligned to FRONT or
// more, so the returned memory has the requested size and alignment (an alignment above FRONT is
// refused); the account is written to and read from the bytes in front.
unsafe impl GlobalAlloc for CountedHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(outer) = outer(layout) else { return core::ptr::null_mut() };
        // SAFETY: the layout is not empty, since FRONT is added.
        let block = unsafe { self.inner.alloc(outer) };
        if block.is_null() {
            return block;
        }
        let account = self.current.get();
        let count = self.count(account);
        let before = count.get();
        let now = before.now + layout.size();
        let peak = before.peak.max(now);
        count.set(Count { now, peak, allocations: before.allocations + 1 });
        // SAFETY: the block has FRONT bytes before the returned pointer.
        unsafe {
            block.write(u8::from(account == Account::Server));
            block.add(FRONT)
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let Some(outer) = outer(layout) else { return };
        // SAFETY: `pointer` came from `alloc`, FRONT bytes after the start of its block.
        let block = unsafe { pointer.sub(FRONT) };
        // SAFETY: `alloc` wrote it.
        let account = if unsafe { block.read() } == 1 { Account::Server } else { Account::Client };
        let count = self.count(account);
        let before = count.get();
        count.set(Count { now: before.now - layout.size(), ..before });
        // SAFETY: the same block and layout as in `alloc`.
        unsafe { self.inner.dealloc(block, outer) }
    }
}

/// Returns the layout of the block that holds `layout` and the account.
fn outer(layout: Layout) -> Option<Layout> {
    if layout.align() > FRONT {
        return None;
    }
    Layout::from_size_align(layout.size().checked_add(FRONT)?, FRONT).ok()
}

impl CountedHeap {
    fn count(&self, account: Account) -> &Cell<Count> {
        match account {
            Account::Client => &self.client,
            Account::Server => &self.server,
        }
    }

    /// Gives the heap its memory. Must be called once, before any allocation; a second call panics.
    pub fn begin(&self) {
        // SAFETY: `init` refuses a second call, so MEMORY has a single owner, and nothing else refers to
        // it. Its size is SIZE.
        unsafe { self.inner.init(&raw mut MEMORY as usize, SIZE) }
    }

    /// Charges later allocations to `account`.
    pub fn charge(&self, account: Account) {
        self.current.set(account);
    }

    /// Returns the counters of `account`.
    pub fn of(&self, account: Account) -> Count {
        self.count(account).get()
    }

    /// Resets peaks and allocation counts; bytes in use stay.
    pub fn forget_peaks(&self) {
        for count in [&self.client, &self.server] {
            let now = count.get().now;
            count.set(Count { now, peak: now, allocations: 0 });
        }
    }
}

/// The heap of every program.
#[global_allocator]
pub static HEAP: CountedHeap = CountedHeap {
    inner: LlffHeap::empty(),
    current: Cell::new(Account::Client),
    client: Cell::new(Count { now: 0, peak: 0, allocations: 0 }),
    server: Cell::new(Count { now: 0, peak: 0, allocations: 0 }),
};
