//! A heap that counts: how much is in use, how much was at most, for each of two accounts,
//! so that a client and a server in one program are told apart.

use core::{
    alloc::{GlobalAlloc, Layout},
    cell::Cell,
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

/// Bytes in use, at most in use, and allocations of one account.
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

/// Bytes in front of every block; as large as the strictest alignment that is asked for.
const FRONT: usize = 8;

const SIZE: usize = 40 * 1024;

// SAFETY: one core, no interrupt handler that allocates; `LlffHeap` guards itself.
unsafe impl Sync for CountedHeap {}

// SAFETY: blocks come from `LlffHeap` for a layout larger by FRONT, whose alignment is FRONT
// or more, so that what is handed out is aligned and as large as asked for; the account is
// written into and read from the bytes in front of it.
unsafe impl GlobalAlloc for CountedHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the layout has a size, since FRONT is added.
        let block = unsafe { self.inner.alloc(Self::outer(layout)) };
        if block.is_null() {
            return block;
        }
        let account = self.current.get();
        let count = self.count(account);
        let now = count.get().now + layout.size();
        let peak = count.get().peak.max(now);
        count.set(Count { now, peak, allocations: count.get().allocations + 1 });
        // SAFETY: the block has FRONT bytes before what is handed out.
        unsafe {
            block.write(u8::from(account == Account::Server));
            block.add(FRONT)
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: `pointer` came from `alloc`, FRONT bytes behind its block.
        let block = unsafe { pointer.sub(FRONT) };
        // SAFETY: as above.
        let account = if unsafe { block.read() } == 1 { Account::Server } else { Account::Client };
        let count = self.count(account);
        let now = count.get().now - layout.size();
        count.set(Count { now, ..count.get() });
        // SAFETY: the same block and layout as in `alloc`.
        unsafe { self.inner.dealloc(block, Self::outer(layout)) }
    }
}

impl CountedHeap {
    fn outer(layout: Layout) -> Layout {
        Layout::from_size_align(layout.size() + FRONT, layout.align().max(FRONT)).unwrap_or(layout)
    }

    fn count(&self, account: Account) -> &Cell<Count> {
        match account {
            Account::Client => &self.client,
            Account::Server => &self.server,
        }
    }

    /// Gives the heap its memory. Call once, first.
    pub fn begin(&self) {
        static mut MEMORY: [u64; SIZE / 8] = [0; SIZE / 8];
        // SAFETY: called once, before anything is allocated; nobody else touches MEMORY.
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
