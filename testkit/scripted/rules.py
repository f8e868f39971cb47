"""Rules for the proxy (see proxy.py): what happens to which record. Each function here makes one rule."""
from . import wire
from .proxy import FIN, PAUSE, RESET, STALL, same

__all__ = ['FIN', 'PAUSE', 'RESET', 'STALL', 'same']


def rewrap(rec, msg):
    return wire.record(rec[0], msg, int.from_bytes(rec[1:3], 'big'))


def on_message(kind, change, nth=1):
    """The plaintext handshake message `kind` (its nth) becomes `change(message)`: bytes, None, or a list."""
    def rule(rec, state):
        if state.message(rec) != kind:
            return rec
        state.shared[('count', kind)] = count = state.shared.get(('count', kind), 0) + 1
        if count != nth:
            return rec
        new = change(rec[5:])
        if isinstance(new, (bytes, bytearray)):
            return rewrap(rec, new)
        return new
    return rule


def on_hello(kind, edit, nth=1):
    """A hello goes through `edit(Hello)`; what it changes is built again with right lengths."""
    def change(msg):
        hello = wire.Hello(msg)
        edit(hello)
        return hello.build()
    return on_message(kind, change, nth)


def on_protected(n, change):
    """The n-th record (from 0) after ChangeCipherSpec, or the n-th TLS 1.3 ciphertext, through `change(record)`."""
    def rule(rec, state):
        if rec[0] == wire.CCS or (not state.protected and rec[0] != wire.APPDATA):
            return rec
        seen = state.held
        seen.append(1)
        return change(rec) if len(seen) - 1 == n else rec
    return rule


def on_appdata(n, change):
    """The n-th record of type application_data (from 0) through `change(record)`."""
    def rule(rec, state):
        if rec[0] != wire.APPDATA:
            return rec
        state.held.append(1)
        return change(rec) if len(state.held) - 1 == n else rec
    return rule


def on_ccs(change):
    def rule(rec, state):
        return change(rec) if rec[0] == wire.CCS else rec
    return rule


def flip_message(kind, offset, mask=1, nth=1):
    return on_message(kind, lambda m: wire.flip(m, offset, mask), nth)


def flip_protected(n, offset=-1, mask=1):
    return on_protected(n, lambda r: wire.flip(r, offset, mask))


def flip_appdata(n, offset=-1, mask=1):
    return on_appdata(n, lambda r: wire.flip(r, offset, mask))


def drop(kind, nth=1):
    return on_message(kind, lambda m: None, nth)


def cut(kind, length, then):
    """Only the first `length` bytes of the record with that message, then FIN, RESET or STALL."""
    def rule(rec, state):
        return [rec[:length], then] if state.message(rec) == kind else rec
    return rule


def instead(kind, *items):
    """The record with that message is replaced: by nothing but commands, or by other bytes."""
    return lambda rec, state: list(items) if state.message(rec) == kind else rec


def after(kind, *items):
    return lambda rec, state: [rec, *items] if state.message(rec) == kind else rec


def length_field(kind, claim):
    """The record header of that message states `claim` bytes; the body stays."""
    def rule(rec, state):
        return rec[:3] + wire.u16(claim) + rec[5:] if state.message(rec) == kind else rec
    return rule


def swap_with_next(kind):
    """That message goes out after the one that follows it."""
    def rule(rec, state):
        if state.message(rec) == kind:
            state.held.append(rec)
            return None
        if state.held:
            return [rec, state.held.pop()]
        return rec
    return rule


def refragment(kind, size):
    """That message over records of at most `size` bytes."""
    def rule(rec, state):
        if state.message(rec) != kind:
            return rec
        version = int.from_bytes(rec[1:3], 'big')
        return [wire.record(rec[0], rec[5 + i:5 + i + size], version) for i in range(0, len(rec) - 5, size)]
    return rule


def chain(*rules):
    """Rules one after the other; bytes that one lets out go through the next (commands pass)."""
    def rule(rec, state):
        items = [rec]
        for r in rules:
            new = []
            for it in items:
                got = r(it, state) if isinstance(it, (bytes, bytearray)) else it
                new += got if isinstance(got, list) else [] if got is None else [got]
            items = new
        return items
    return rule
