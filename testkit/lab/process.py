"""One peer as a process: its output goes to a log file, its end is ours to bring about."""
import os
import re
import signal
import subprocess
import time

WORTH = re.compile(r'error|alert|exception|caused by|verif|fatal|fail|refus|reject|denied|EXC |mismatch|'
                   r'invalid|not trusted|problem|returned -|-0x[0-9a-f]{4}|tls:|x509:', re.I)
STRONG = re.compile(r'error|exception|EXC |caused by|fatal|fail|invalid|refus|reject|verify returned|handshake returned', re.I)
PROGRESS = re.compile(r'certificate[ _]?verify(?!.*fail)|verify[ _](data|depth|return)|certificate verify ok|TLS handshake, |'
                      r'close notify|Verification: OK|Verified peername|Verify return code: 0|returned \d|ERROR$|ASSERT|^"', re.I)
# Folders of this machine or of the one where a library was built are nobody's business.
FOLDER = re.compile(r'(?<![\w.])(?:\.\.)?/(?:[\w.+~-]+/)+(?=[\w.-]+)')


class Process:
    def __init__(self, argv, log, cwd=None, env=None):
        self.argv = [str(a) for a in argv]
        self.path = log
        self.file = open(log, 'wb')
        self.child = subprocess.Popen(
            self.argv, stdin=subprocess.PIPE, stdout=self.file, stderr=subprocess.STDOUT,
            cwd=cwd, env=dict(os.environ, **(env or {})), start_new_session=True)

    def log(self):
        with open(self.path, 'rb') as file:
            return FOLDER.sub('', file.read().decode('utf-8', 'replace'))

    def wait_for(self, text, seconds=15):
        """True once the log holds `text`; False when time is over or the process has ended."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if text in self.log():
                return True
            if self.child.poll() is not None:
                return text in self.log()
            time.sleep(0.02)
        return False

    def send(self, data):
        try:
            self.child.stdin.write(data)
            self.child.stdin.flush()
        except (BrokenPipeError, ValueError):
            pass

    def close_input(self):
        try:
            self.child.stdin.close()
        except BrokenPipeError:
            pass

    def wait(self, seconds):
        """The exit status, or None if it had to be ended."""
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.stop()
            return None

    def stop(self, how=signal.SIGTERM):
        """Ends the session of processes that we started, none other."""
        if self.child.poll() is None:
            for number in (how, signal.SIGKILL):
                try:
                    os.killpg(self.child.pid, number)
                    self.child.wait(2)
                    break
                except subprocess.TimeoutExpired:
                    continue
                except ProcessLookupError:
                    break
        self.close_input()
        self.file.close()


def messages(log, limit=4):
    """The lines of a log that a person would quote; those that name a refusal come before others."""
    found = []
    for line in log.splitlines():
        line = ' '.join(re.sub(r'^[0-9A-F]{16}:', '', line.strip()).split())
        if WORTH.search(line) and not PROGRESS.search(line) and line not in found:
            found.append(line[:220])
    return ' / '.join(sorted(found, key=lambda line: not STRONG.search(line))[:limit])
