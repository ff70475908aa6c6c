"""A way to a server that can be long, and can be cut without either end being told."""

import asyncio
import contextlib
import threading


class Relay:
    """Passes what comes to its own port on to another, each piece `delay_s` later, in both directions."""

    def __init__(self, host, port, delay_s=0.0):
        self.target, self.delay_s = (host, port), delay_s
        self.loop = asyncio.new_event_loop()
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.tasks = set()
        ready = threading.Event()
        self.thread = threading.Thread(target=self._serve, args=(ready,), daemon=True)
        self.thread.start()
        ready.wait()

    def _serve(self, ready):
        asyncio.set_event_loop(self.loop)
        self.server = self.loop.run_until_complete(asyncio.start_server(self._pass_on, "127.0.0.1", 0))
        self.port = self.server.sockets[0].getsockname()[1]
        ready.set()
        self.loop.run_forever()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0.05))
        self.loop.close()

    async def _pass_on(self, reader, writer):
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self.is_open.wait()
            far_reader, far_writer = await asyncio.open_connection(*self.target)
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        writer.close()

    async def _pump(self, reader, writer):
        pieces = asyncio.Queue()
        sender = self.loop.create_task(self._send(pieces, writer))
        data = b"x"
        while data:
            try:
                data = await reader.read(65536)
            except OSError:
                data = b""
            pieces.put_nowait((self.loop.time() + self.delay_s, data))
        await sender

    async def _send(self, pieces, writer):
        with contextlib.suppress(OSError):
            while True:
                due, data = await pieces.get()
                await asyncio.sleep(max(0, due - self.loop.time()))
                await self.is_open.wait()
                if not data:
                    break
                writer.write(data)
                await writer.drain()
        writer.close()

    def cut(self):
        """From now on nothing arrives, and nobody is told."""
        self.loop.call_soon_threadsafe(self.is_open.clear)

    def heal(self):
        """What was on its way arrives."""
        self.loop.call_soon_threadsafe(self.is_open.set)

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
