"""tcpdump around a case. It needs the right to capture on loopback."""
import os
import signal
import struct
import subprocess
import tempfile
import time


class Recorder:
    """`ports` of one case; `interface` any gives Linux cooked headers."""

    def __init__(self, ports, interface='lo', nano=False):
        handle, self.path = tempfile.mkstemp(suffix='.pcap')
        os.close(handle)
        what = ' or '.join('tcp port %d' % port for port in ports)
        argv = ['tcpdump', '-i', interface, '-Z', 'root', '--immediate-mode', '-U', '-n', '-s', '65535', '-B', '16384', '-w', self.path]
        if nano:
            argv += ['--time-stamp-precision=nano']
        if interface == 'any':
            argv += ['-y', 'LINUX_SLL']
        self.child = subprocess.Popen(argv + [what], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for line in self.child.stderr:
            if b'listening on' in line:
                return
        raise RuntimeError('tcpdump does not listen')

    def stop(self):
        """Waits until the file has stopped growing, then ends tcpdump; returns the packets' bytes."""
        size, still = -1, 0
        while still < 3:
            time.sleep(0.05)
            now = os.path.getsize(self.path)
            still = still + 1 if now == size else 0
            size = now
        self.child.send_signal(signal.SIGINT)
        self.child.wait(5)
        self.child.stderr.close()
        with open(self.path, 'rb') as file:
            data = file.read()
        os.unlink(self.path)
        return without_echo(data)


def without_echo(pcap):
    """On the pseudo-interface `any`, loopback shows each packet twice (out and in): keeps the first."""
    if struct.unpack_from('<I', pcap, 20)[0] != 113:
        return pcap
    out, at = [pcap[:24]], 24
    while at + 16 <= len(pcap):
        length = struct.unpack_from('<I', pcap, at + 8)[0]
        kind = struct.unpack_from('>H', pcap, at + 16)[0]
        if kind != 4:
            # A packet to ourselves is called "to us" afterwards, as a capture of one host has it.
            out.append(pcap[at:at + 16 + length])
        at += 16 + length
    return b''.join(out)
