import multiprocessing
import os
import resource
import signal

import pytest

FORK = multiprocessing.get_context("fork")


@pytest.fixture
def start():
    """Starts a function in a process of its own: ``start(function, *arguments)``."""
    started = []

    def start(function, *arguments):
        process = FORK.Process(target=function, args=arguments)
        process.start()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.join()


@pytest.fixture
def exit_codes(start):
    """Runs functions at the same time, each in a process of its own, and waits for all of them."""

    def run(*functions):
        processes = [start(function) for function in functions]
        for process in processes:
            process.join(60)
        return [process.exitcode for process in processes]

    return run


@pytest.fixture
def kill():
    """Stands for a step at which SIGKILL ends the process."""
    return lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def limit_files():
    """Lets this process, a child, write no file of more than some bytes, as a full disk would."""
    return lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
