"""A link between two hosts that can be cut or made slow: a TCP relay, for kernels without netem."""

import asyncio
import threading


class Relay:
    """Passes connections to 127.0.0.1:`port` on, from `self.port`."""

    def __init__(self, port):
        self.target = port
        self.delay_s = 0.0
        self.loop = asyncio.new_event_loop()
        self.mended = None
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        self.ready.wait()

    def run(self):
        asyncio.set_event_loop(self.loop)

        async def serve():
            self.mended = asyncio.Event()
            self.mended.set()
            self.server = await asyncio.start_server(self.connect, "127.0.0.1", 0)
            self.port = self.server.sockets[0].getsockname()[1]
            self.ready.set()

        self.loop.run_until_complete(serve())
        self.loop.run_forever()

    async def connect(self, reader, writer):
        await self.mended.wait()
        try:
            onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self.carry(reader, onward_writer), self.carry(onward_reader, writer))

    async def carry(self, reader, writer):
        """Each piece arrives `delay_s` after it came, in order; what comes while the link is cut waits, as TCP has it."""
        pieces = asyncio.Queue()

        async def send():
            while (item := await pieces.get())[1]:
                await asyncio.sleep(max(0, item[0] - self.loop.time()))
                await self.mended.wait()
                writer.write(item[1])
                await writer.drain()

        sender = self.loop.create_task(send())
        try:
            while data := await reader.read(65536):
                pieces.put_nowait((self.loop.time() + self.delay_s, data))
            pieces.put_nowait((0, b""))
            await sender
        except OSError:
            sender.cancel()
        finally:
            writer.close()

    def cut(self):
        self.loop.call_soon_threadsafe(self.mended.clear)

    def mend(self):
        self.loop.call_soon_threadsafe(self.mended.set)

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
