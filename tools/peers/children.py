"""Processes that this tool starts, every one of which ends with it."""
import ctypes
import json
import os
import select
import signal
import subprocess
import sys

from .environment import TOOLS, clean

# Seconds for making or converting models, which no figure depends on.
PATIENCE = 900
_LIBC = ctypes.CDLL(None)
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_alive = set()


class Broken(Exception):
    """A runtime cannot go on; `state` is 'absent', 'refuses' or 'fails', the message says why."""

    def __init__(self, state, reason):
        super().__init__(reason)
        self.state = state


def _tie():
    _LIBC.prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def _open(command, **options):
    # A group of its own: Ctrl-C reaches the tool alone, which then ends all of them.
    process = subprocess.Popen([str(part) for part in command], env=clean(), cwd=TOOLS, start_new_session=True,
                               preexec_fn=_tie, **options)
    _alive.add(process)
    return process


def end(process):
    """Kills the process with its group, and waits."""
    if process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe:
            try:
                pipe.close()
            except BrokenPipeError:
                pass
    _alive.discard(process)


def end_all():
    for process in list(_alive):
        end(process)


def module(name, *arguments):
    """The command that runs a module of this package."""
    return [sys.executable, "-B", "-m", f"peers.{name}", *arguments]


def finish(command, timeout):
    """Runs a command to its end; status, standard output and standard error."""
    process = _open(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                    errors="replace")
    try:
        output, fault = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        raise Broken("fails", f"no end after {timeout:.0f} s") from None
    finally:
        end(process)
    return process.returncode, output, fault


def last_words(text, status):
    """One line that says why a process ended: its last line that reads like an error, or the last at all."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    telling = [line for line in lines if any(w in line.lower() for w in ("error", "not support", "unsupported", "fail",
                                                                        "exception", "cannot", "not exist"))]
    word = (telling or lines or [""])[-1][:300]
    if status is not None and status < 0:
        return f"ended by {signal.Signals(-status).name}" + (f" after: {word}" if word else "")
    return word or f"ended with status {status}"


class Worker:
    """A persistent child that answers each line with a line of JSON; its other output goes to a log."""

    def __init__(self, command, log, timeout):
        self.log, self.timeout = log, timeout
        with open(log, "w") as file:
            self.process = _open(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file, text=True)

    def answer(self):
        ready, _, _ = select.select([self.process.stdout], [], [], self.timeout)
        line = self.process.stdout.readline() if ready else None
        if not line:
            state = "fails" if line is None else "refuses"
            status = self.process.wait() if line is not None else None
            end(self.process)
            words = last_words(self.log.read_text(errors="replace"), status)
            raise Broken(state, words if line is not None else f"no answer after {self.timeout:.0f} s")
        reply = json.loads(line)
        if "error" in reply:
            end(self.process)
            reason, log = reply["error"], self.log.read_text(errors="replace")
            # A short reason is this tool's own; the library has printed why.
            raise Broken(reply["state"], f"{reason}: {last_words(log, None)}" if log and len(reason) < 60 else reason)
        return reply

    def ask(self, *words):
        try:
            self.process.stdin.write(json.dumps(words) + "\n")
            self.process.stdin.flush()
        except (BrokenPipeError, ValueError):
            pass
        return self.answer()

    def stop(self):
        end(self.process)
