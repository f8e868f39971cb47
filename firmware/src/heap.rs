//! A heap that counts, in the bytes asked for: how much is in use, how much was at most, for
//! each of two accounts, so that a client and a server in one program are told apart.

use core::{
    alloc::{GlobalAlloc, Layout},
    cell::Cell,
    mem::MaybeUninit,
};

use embedded_alloc::LlffHeap;

/// Whose allocations are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// The client's.
    Client,
    /// The server's.
    Server,
}

/// What one account holds and held.
#[derive(Clone, Copy, Default)]
pub struct Count {
    /// Bytes now.
    pub now: usize,
    /// Bytes at most.
    pub peak: usize,
    /// Allocations so far.
    pub allocations: usize,
}

/// The heap. Each block carries its account in front.
pub struct CountedHeap {
    inner: LlffHeap,
    current: Cell<Account>,
    client: Cell<Count>,
    server: Cell<Count>,
}

/// Bytes in front of every block; as large as the strictest alignment that is asked for (the
/// key schedule of AES).
const FRONT: usize = 16;

const SIZE: usize = 40 * 1024;

/// The memory behind the heap. Not in .bss: nobody reads it before it was written, and sizes
/// are counted without it.
#[unsafe(link_section = ".uninit.heap")]
static mut MEMORY: MaybeUninit<[u64; SIZE / 8]> = MaybeUninit::uninit();

// SAFETY: one core, and no interrupt handler allocates, so that no two calls overlap;
// `LlffHeap` guards itself.
unsafe impl Sync for CountedHeap {}

// SAFETY: blocks come from `LlffHeap` for a layout larger by FRONT, whose alignment is FRONT
// or more, so that what is handed out is aligned and as large as asked for (an alignment
// above FRONT is refused); the account is written into and read from the bytes in front.
unsafe impl GlobalAlloc for CountedHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(outer) = outer(layout) else { return core::ptr::null_mut() };
        // SAFETY: the layout has a size, since FRONT is added.
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
        // SAFETY: the block has FRONT bytes before what is handed out.
        unsafe {
            block.write(u8::from(account == Account::Server));
            block.add(FRONT)
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let Some(outer) = outer(layout) else { return };
        // SAFETY: `pointer` came from `alloc`, FRONT bytes behind its block.
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

/// The layout of a block for `layout`.
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

    /// Gives the heap its memory. Call once, first; a second call panics.
    pub fn begin(&self) {
        // SAFETY: `init` refuses a second call, so that MEMORY has one owner; nobody else
        // names it. Its size is SIZE.
        unsafe { self.inner.init(&raw mut MEMORY as usize, SIZE) }
    }

    /// From here on allocations belong to `account`.
    pub fn charge(&self, account: Account) {
        self.current.set(account);
    }

    /// What `account` holds and held.
    pub fn of(&self, account: Account) -> Count {
        self.count(account).get()
    }

    /// Starts counting afresh; what is in use stays in use.
    pub fn forget_peaks(&self) {
        for count in [&self.client, &self.server] {
            let now = count.get().now;
            count.set(Count { now, peak: now, allocations: 0 });
        }
    }
}

/// The heap of every probe.
#[global_allocator]
pub static HEAP: CountedHeap = CountedHeap {
    inner: LlffHeap::empty(),
    current: Cell::new(Account::Client),
    client: Cell::new(Count { now: 0, peak: 0, allocations: 0 }),
    server: Cell::new(Count { now: 0, peak: 0, allocations: 0 }),
};
