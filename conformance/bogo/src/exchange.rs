//! One connection from handshake to close: the runner expects the shim to send back every byte inverted.

use handclasp_codec::ProtocolVersion;
use handclasp_report::Fault;
use handclasp_schedule::key_log;

use crate::{checks, end::End, link::Link, memory::Memory, options::Options};

/// Record lengths that have caused bugs in implementations.
const LENGTHS: [usize; 11] = [0, 1, 255, 256, 257, 16_383, 16_384, 16_385, 32_767, 32_768, 32_769];

/// The connection's position within the test.
#[derive(Clone, Copy)]
pub struct Place {
    /// Whether it follows another connection.
    pub is_resume: bool,
    /// Seconds by which the clock was advanced.
    pub elapsed: u64,
}

/// Runs one connection.
pub fn run(options: &Options, memory: &mut Memory, place: Place) -> Result<(), End> {
    let mut link = Link::open(options, memory, place)?;
    let outcome = play(&mut link);
    // Also after a failure: the runner must receive the alert.
    let flushed = link.flush();
    link.finish();
    outcome.and(flushed)
}

fn play(link: &mut Link<'_>) -> Result<(), End> {
    link.flush()?;
    while link.connection.connected().is_none() {
        link.advance()?;
    }
    link.unless_without_ticket()?;
    keep_proof(link);
    if link.options.judge_again && link.connection.connected().is_some_and(|connected| connected.resumed) {
        link.judge_again()?;
    }
    checks::check(link)?;
    export(link)?;
    export_traffic_secrets(link)?;
    first_writes(link)?;
    if !link.options.shut_down && !link.options.record_sizes {
        echo(link)?;
    }
    keep_session(link)?;
    end(link)
}

/// Keeps how the peer authenticated, for connections that resume its session.
fn keep_proof(link: &mut Link<'_>) {
    let Some(connected) = link.connection.connected().filter(|connected| !connected.resumed) else { return };
    let proof = &mut link.answers.proof;
    proof.peer = connected.peer;
    proof.group = connected.group;
    proof.scheme = checks::signed_by(link.connection.report());
    proof.ocsp_response.clone_from(&connected.ocsp_response);
    link.answers.memory.proof = proof.clone();
}

/// Keeps the newest session for the next connection.
fn keep_session(link: &mut Link<'_>) -> Result<(), End> {
    let session = link.connection.take_sessions().pop();
    link.answers.memory.version = link.connection.connected().map(|connected| connected.version);
    let is_tls13 = link.answers.memory.version == Some(ProtocolVersion::TLS_1_3);
    if is_tls13 && !link.options.server && !link.options.shut_down {
        End::unless(
            session.is_some() != link.options.expect.no_session,
            "a session exactly if the flags expect one",
        )?;
    }
    if link.connection.connected().is_some_and(|connected| connected.resumed) && !is_tls13 {
        End::unless(
            link.options.server || session.is_some() == link.options.expect.ticket_renewal,
            "a new ticket exactly if the flags expect one",
        )?;
    }
    link.answers.memory.session =
        session.or(link.answers.memory.session.take().filter(|old| !old.is_for_one_use()));
    Ok(())
}

fn export(link: &mut Link<'_>) -> Result<(), End> {
    let Some(length) = link.options.export else { return Ok(()) };
    let mut material = vec![0; length];
    let context = link.options.use_export_context.then_some(link.options.export_context.as_slice());
    link.connection.export(&link.options.export_label, context, &mut material)?;
    write(link, &material)
}

/// Writes what the runner reads: a little-endian length, then our read secret and our write secret, as
/// written to a key log.
fn export_traffic_secrets(link: &mut Link<'_>) -> Result<(), End> {
    if !link.options.export_traffic_secrets {
        return Ok(());
    }
    let lines = link.connection.take_key_log();
    let labels = [key_log::CLIENT_TRAFFIC_SECRET_0, key_log::SERVER_TRAFFIC_SECRET_0];
    let of = |label| lines.iter().find(|line| line.label == label).map(|line| line.secret.expose());
    let [Some(client), Some(server)] = labels.map(of) else {
        return End::unless(false, "traffic secrets in the key log");
    };
    let (read, written) = if link.options.server { (client, server) } else { (server, client) };
    let length = u16::try_from(read.len()).map_err(|_| End::Unmet("a secret of usual length".into()))?;
    write(link, &[&length.to_le_bytes(), read, written].concat())
}

fn first_writes(link: &mut Link<'_>) -> Result<(), End> {
    let options = link.options;
    if options.record_sizes {
        return LENGTHS.iter().try_for_each(|length| write(link, &vec![0x42; *length]));
    }
    if options.unfinished_write {
        seal(link, &options.initial_write)?;
        return link.hold_after_one_byte();
    }
    let writes = if options.write_first { options.initial_writes } else { 0 };
    (0..writes).try_for_each(|_| write(link, &options.initial_write))
}

/// Sends back all data until the peer closes.
fn echo(link: &mut Link<'_>) -> Result<(), End> {
    loop {
        if link.options.key_update_before_read {
            link.with(|connection, context| connection.update_keys(context))?;
            link.flush()?;
        }
        while link.connection.readable().is_empty() && !link.connection.is_peer_closed() {
            match link.advance() {
                // Unless the test checks closing, both kinds of end are equivalent (as in BoringSSL's
                // shim).
                Err(End::Fault(Fault::Truncated { .. })) if !link.options.check_close_notify => return Ok(()),
                other => other?,
            }
        }
        let readable = link.connection.readable();
        if readable.is_empty() {
            return Ok(());
        }
        let count = readable.len().min(link.options.read_size);
        let reply: Vec<u8> = readable[..count].iter().map(|byte| !byte).collect();
        link.connection.consume(count);
        if link.options.export_between_reads {
            link.connection.export(b"", None, &mut [0])?;
        }
        link.held = false;
        if link.options.key_update {
            link.with(|connection, context| connection.update_keys(context))?;
        }
        write(link, &reply)?;
        link.proceed()?;
    }
}

fn write(link: &mut Link<'_>, data: &[u8]) -> Result<(), End> {
    let mut rest = data;
    while !rest.is_empty() {
        let count = seal(link, rest)?;
        rest = &rest[count..];
        link.flush()?;
    }
    Ok(())
}

/// Seals as much as the queue accepts.
fn seal(link: &mut Link<'_>, data: &[u8]) -> Result<usize, End> {
    Ok(link.with(|connection, context| connection.write(context, data))?)
}

/// Closes; with `-check-close-notify` both sides must have sent close_notify.
fn end(link: &mut Link<'_>) -> Result<(), End> {
    if !link.options.check_close_notify {
        return Ok(());
    }
    link.connection.close();
    link.flush()?;
    while !link.connection.is_peer_closed() {
        let unread = link.connection.readable().len();
        link.connection.consume(unread);
        if unread > 0 { link.proceed() } else { link.advance() }?;
    }
    Ok(())
}
