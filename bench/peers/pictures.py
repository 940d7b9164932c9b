"""The photos of a folder that peers can be compared on, and what is needed to judge results."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Photo:
    path: Path
    width: int
    height: int

    @property
    def megapixels(self):
        return self.width * self.height / 1e6

    @property
    def long_side(self):
        return max(self.width, self.height)


def jpeg_frame(data):
    """(width, height, components, ICC bytes) of a JPEG's header, or None."""
    at, icc = 2, b''
    while data[:2] == b'\xff\xd8' and at + 9 < len(data) and data[at] == 0xFF:
        marker, size = data[at + 1], int.from_bytes(data[at + 2:at + 4], 'big')
        if marker in (0xC0, 0xC1, 0xC2):
            return (int.from_bytes(data[at + 7:at + 9], 'big'), int.from_bytes(data[at + 5:at + 7], 'big'),
                    data[at + 9], icc)
        if marker == 0xE2 and data[at + 4:at + 15] == b'ICC_PROFILE':
            icc += data[at + 18:at + 2 + size]
        at += 2 + size
    return None


def photos_in(folder, least_px, note):
    """JPEGs of three components, at least `least_px` long and in sRGB: the rest mean something else to each peer."""
    photos = []
    for path in sorted(Path(folder).iterdir()):
        if path.suffix.lower() not in ('.jpg', '.jpeg') or not path.is_file():
            continue
        frame = jpeg_frame(path.read_bytes())
        if frame is None or frame[2] != 3 or max(frame[:2]) < least_px:
            continue
        if frame[3] and b'sRGB' not in frame[3] and 's\0R\0G\0B'.encode() not in frame[3]:
            note(f'{path.name} left out: its colours are not sRGB, and peers differ in what they do about it')
            continue
        photos.append(Photo(path, frame[0], frame[1]))
    return photos


class Judge:
    """SSIMULACRA2 by Debian's program, over PPM. The reference is the photo reduced by ImageMagick with Lanczos, so that no
    engine under test made it; to 16 bits, because to 8 ImageMagick cuts off instead of rounding."""

    def __init__(self, engine_ladder, folder):
        self.engine_ladder = engine_ladder
        self.folder = Path(folder)
        self.references = {}

    def reference(self, photo, size):
        key = (photo.path, size)
        if key not in self.references:
            out = self.folder / f'reference-{len(self.references)}.ppm'
            subprocess.run(['magick', photo.path, '-auto-orient', '-filter', 'Lanczos', '-resize', f'{size[0]}x{size[1]}!',
                            '-depth', '16', out], check=True, env={**os.environ, 'MAGICK_THREAD_LIMIT': '1'})
            self.references[key] = out
        return self.references[key]

    def forget(self):
        for path in self.references.values():
            path.unlink()
        self.references.clear()

    def score(self, photo, file):
        ppm = self.folder / 'judged.ppm'
        subprocess.run([self.engine_ladder, '--ppm', file, ppm], check=True)
        with open(ppm, 'rb') as header:
            header.readline()
            size = tuple(int(side) for side in header.readline().split())
        told = subprocess.run(['ssimulacra2', self.reference(photo, size), ppm], check=True, capture_output=True, text=True)
        return float(told.stdout.split()[0])
