//! TCP over smoltcp: one interface with a fixed address, and its sockets. What a product adds, such as DHCP
//! and DNS, smoltcp has too.

use handclasp_device::Random;
use smoltcp::{
    iface::{Config, Interface, PollResult, SocketHandle, SocketSet, SocketStorage},
    socket::tcp,
    time::Instant,
    wire::{EthernetAddress, IpAddress, IpCidr, Ipv4Address},
};

use crate::board::{
    self, clock,
    ethernet::{self, Ethernet},
};

/// The address of the device and of its router, in QEMU's network.
const ADDRESS: Ipv4Address = Ipv4Address::new(10, 0, 2, 15);
const ROUTER: Ipv4Address = Ipv4Address::new(10, 0, 2, 2);

/// Buffers of a socket in bytes: one record of 1 KiB that is read while the next one comes, one that is sent.
pub const RECEIVE_BUFFER: usize = 2048;
/// See [`RECEIVE_BUFFER`].
pub const SEND_BUFFER: usize = 1152;

#[cfg(not(feature = "fault-injection"))]
type Device = Ethernet;
#[cfg(feature = "fault-injection")]
type Device = crate::faults::Faulty;

/// The network interface and its sockets.
pub struct Network {
    interface: Interface,
    device: Device,
    sockets: SocketSet<'static>,
    /// The local port of the next connection that is opened from here.
    port: u16,
}

impl Network {
    /// Configures the interface. The random seed determines port and sequence numbers, which an off-path
    /// attacker must not guess.
    pub fn start(
        ethernet: Ethernet,
        random: &mut dyn Random,
        storage: &'static mut [SocketStorage<'static>],
    ) -> Self {
        let mut seed = [0; 8];
        // Without random numbers TLS does not start.
        let _ = random.fill(&mut seed);
        let seed = u64::from_le_bytes(seed);
        #[cfg(not(feature = "fault-injection"))]
        let mut device = ethernet;
        #[cfg(feature = "fault-injection")]
        let (mut device, seed) = (crate::faults::faulty(ethernet), crate::faults::mix(seed));
        let mut config = Config::new(EthernetAddress(ethernet::ADDRESS).into());
        config.random_seed = seed;
        let mut interface = Interface::new(config, &mut device, now());
        interface.update_ip_addrs(|addresses| {
            let _ = addresses.push(IpCidr::new(IpAddress::Ipv4(ADDRESS), 24));
        });
        let _ = interface.routes_mut().add_default_ipv4_route(ROUTER);
        let port = 0xc000 | (seed as u16 & 0x3fff);
        Self { interface, device, sockets: SocketSet::new(storage), port }
    }

    /// Adds a socket with these buffers.
    pub fn add(&mut self, receive: &'static mut [u8], send: &'static mut [u8]) -> SocketHandle {
        #[cfg(feature = "fault-injection")]
        let receive = crate::faults::window(receive);
        let buffer = tcp::SocketBuffer::new;
        let mut socket = tcp::Socket::new(buffer(receive), buffer(send));
        // A record is complete when it is queued; to wait for more would only delay the handshake.
        socket.set_nagle_enabled(false);
        self.sockets.add(socket)
    }

    /// Sends and receives what is due; whether anything was.
    pub fn poll(&mut self) -> bool {
        self.interface.poll(now(), &mut self.device, &mut self.sockets) != PollResult::None
    }

    /// Waits for a frame or for the next millisecond.
    pub fn wait(&self) {
        board::wait();
    }

    /// Returns a socket.
    pub fn socket(&mut self, handle: SocketHandle) -> &mut tcp::Socket<'static> {
        self.sockets.get_mut(handle)
    }

    /// Ends a connection: what is queued is sent first. Waits a second at most.
    pub fn close(&mut self, handle: SocketHandle) {
        let begun = clock::milliseconds();
        self.socket(handle).close();
        while self.socket(handle).is_open() && clock::milliseconds().wrapping_sub(begun) < 1000 {
            use tcp::State::TimeWait;
            if self.socket(handle).state() == TimeWait {
                break;
            }
            if !self.poll() {
                self.wait();
            }
        }
        self.socket(handle).abort();
        self.poll();
    }

    /// Opens a connection from a fresh port. That it cannot be opened shows in the state of the socket.
    pub fn connect(&mut self, handle: SocketHandle, address: [u8; 4], port: u16) {
        self.port = 0xc000 | (self.port.wrapping_add(1) & 0x3fff);
        let remote = (IpAddress::Ipv4(Ipv4Address::from(address)), port);
        let socket = self.sockets.get_mut::<tcp::Socket<'_>>(handle);
        socket.abort();
        let _ = socket.connect(self.interface.context(), remote, self.port);
    }
}

fn now() -> Instant {
    Instant::from_millis(i64::from(clock::milliseconds()))
}
