"""What makes a ladder of a photo: the engine and its peers. Each says what an order cost it.

Libraries are driven by a program that stays up for all photos (bench/peers/ladder_line.h), so that nobody pays for starting;
programs that people call once a file are called so.
"""

import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


OURS = 'tintype'                           # WebP by our own encoder
OURS_WITH_LIBWEBP = 'tintype with libwebp'


@dataclass
class Cost:
    cpu: float        # user + sys seconds, all threads
    wall: float
    peak_mb: float    # resident, of the largest process
    bytes: int = 0


@dataclass(frozen=True)
class Order:
    photo: Path
    format: str       # 'webp', 'avif'
    quality: int
    effort: int
    sides: tuple      # long sides, largest first


class Engine:
    def __init__(self, name, formats):
        self.name = name
        self.formats = formats

    def make(self, order, prefix):
        """Writes PREFIX + SIDE + '.' + FORMAT for every side; the cost, or an error's text."""
        outs = self.outputs(order, prefix)
        for out in outs:
            out.unlink(missing_ok=True)
        cost = self._make(order, prefix)
        if isinstance(cost, str):
            return cost
        if missing := [out.name for out in outs if not out.exists()]:
            return f'wrote no {", ".join(missing)}'
        cost.bytes = sum(out.stat().st_size for out in outs)
        return cost

    @staticmethod
    def outputs(order, prefix):
        return [Path(f'{prefix}{side}.{order.format}') for side in order.sides]

    def close(self):
        pass


class Program(Engine):
    """One that reads orders and answers each with its cost."""

    def __init__(self, name, formats, command):
        super().__init__(name, formats)
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def _make(self, order, prefix):
        line = [str(order.photo), str(prefix), order.format, str(order.quality), str(order.effort), *map(str, order.sides)]
        self.process.stdin.write('\t'.join(line) + '\n')
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline() or '{"error": "the program ended"}')
        if answer.get('error'):
            return answer['error']
        return Cost(answer['cpu'], answer['wall'], answer['peak_kib'] / 1024)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Commands(Engine):
    """Programs started for every order; `commands` gives their command lines."""

    def __init__(self, name, formats, commands):
        super().__init__(name, formats)
        self.commands = commands

    def _make(self, order, prefix):
        total = Cost(0, 0, 0)
        for command in self.commands(order, self.outputs(order, prefix)):
            start = time.monotonic()
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                return f'{command[0]} ended with {process.returncode}'
            total.cpu += usage.ru_utime + usage.ru_stime
            total.wall += time.monotonic() - start
            total.peak_mb = max(total.peak_mb, usage.ru_maxrss / 1024)
        return total


def vipsthumbnail(order, outs):
    options = f'Q={order.quality},effort={order.effort}'
    return [['vipsthumbnail', str(order.photo), '-s', f'{side}x{side}>', '-o', f'{out}[{options}]']
            for side, out in zip(order.sides, outs)]


def cwebp(order, outs):
    width, height = size_of(order.photo)
    return [['cwebp', '-quiet', '-q', str(order.quality), '-m', str(order.effort), '-resize',
             *(('0', str(side)) if height > width else (str(side), '0')), str(order.photo), '-o', str(out)]
            for side, out in zip(order.sides, outs)]


def image_magick(order, outs):
    command = ['magick', str(order.photo), '-auto-orient', '-quality', str(order.quality), '-define', f'webp:method={order.effort}']
    for side, out in zip(order.sides, outs):
        command += ['-resize', f'{side}x{side}>', '-write', str(out)]
    return [[*command, 'null:']]


def avifenc(order, outs):
    """avifenc does not resize: ImageMagick hands it a PPM-like picture, as scripts do."""
    commands = []
    for side, out in zip(order.sides, outs):
        small = out.with_suffix('.png')
        commands.append(['magick', str(order.photo), '-auto-orient', '-resize', f'{side}x{side}>', '-define', 'png:compression-level=1', str(small)])
        commands.append(['avifenc', '-q', str(order.quality), '-s', str(order.effort), '-y', '420', '-j', '1', str(small), str(out)])
    return commands


def jpeg(order, outs):
    """As the web's JPEGs are made: progressive, 4:2:0, optimised."""
    return [['magick', str(order.photo), '-auto-orient', '-filter', 'Lanczos', '-resize', f'{side}x{side}>', '-strip', '-interlace', 'Plane',
             '-sampling-factor', '4:2:0', '-quality', str(order.quality), str(out)] for side, out in zip(order.sides, outs)]


def size_of(photo):
    from pictures import jpeg_frame
    return jpeg_frame(Path(photo).read_bytes())[:2]


def all_engines(programs, sharp_folder):
    here = Path(__file__).parent
    return [
        Program(OURS, ('webp', 'avif'), [programs / 'bench_engine_ladder']),
        Program(OURS_WITH_LIBWEBP, ('webp',), [programs / 'bench_engine_ladder', '--libwebp']),
        Program('sharp', ('webp', 'avif'), ['node', here / 'sharp_ladder.mjs', sharp_folder]),
        Program('OpenCV', ('webp',), [programs / 'bench_opencv_ladder']),
        Commands('vipsthumbnail', ('webp',), vipsthumbnail),
        Commands('cwebp', ('webp',), cwebp),
        Commands('avifenc', ('avif',), avifenc),
        Commands('ImageMagick', ('webp',), image_magick),
    ]
