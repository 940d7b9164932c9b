"""Where AVIF stands at scores 70 and 80: bytes against WebP effort 4 and sharp's default, and CPU, by the effort of each job class.
WebP is libwebp's. And what WebP saves over JPEG.

Every photo is reduced to one size by the engine and encoded at several qualities; bytes and CPU at a score are read off between
them. sharp encodes the same photo by itself. Scores are SSIMULACRA2 by Debian's program.
"""

import math
import statistics
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / 'support'))
from engines import Commands, Order, Program, jpeg  # noqa: E402
from pictures import Judge, photos_in  # noqa: E402
from report import Report, arguments  # noqa: E402

SCORES = (70, 80)
CLASSES = {'interactive': 1, 'upload': 3, 'bulk': 5}
OTHER_EFFORTS = {'effort 2': 2, 'effort 4': 4}
SHARP_EFFORT = 4  # its default
WEBP_QUALITIES = (55, 70, 80, 90)
AVIF_QUALITIES = (36, 48, 60, 72)
SHARP_QUALITIES = (40, 52, 64, 76)
JPEG_QUALITIES = (50, 68, 82, 92)


def at_score(points, score):
    """(bytes, CPU) where the line through (score, bytes, CPU) points crosses `score`; bytes along a logarithm."""
    points = sorted(points)
    i = next((i for i, point in enumerate(points) if point[0] > score), len(points) - 1)
    low, high = points[max(0, i - 1)], points[max(1, i)]
    part = (score - low[0]) / ((high[0] - low[0]) or 1)
    mix = lambda a, b: a + part * (b - a)
    return math.exp(mix(math.log(low[1]), math.log(high[1]))), mix(low[2], high[2])


def reaches(points, score):
    scores = [point[0] for point in points]
    return min(scores) - 3 <= score <= max(scores) + 3


def main():
    parser = arguments(__doc__)
    parser.add_argument('--side', type=int, default=1280, help='long side that photos are made (1280)')
    options = parser.parse_args()
    report = Report('avif', options)
    if not options.dir:
        sys.exit('bench/run avif DIR: name a folder of JPEGs')
    engine = options.programs / 'bench_engine_ladder'
    ours = Program('tintype', ('webp', 'avif'), [engine, '--libwebp'])
    sharp = Program('sharp', ('avif',), ['node', Path(__file__).parent / 'sharp_ladder.mjs', options.cache])
    ways = [('WebP', ours, 'webp', 4, WEBP_QUALITIES), ('JPEG', Commands('JPEG', ('jpg',), jpeg), 'jpg', 0, JPEG_QUALITIES), ('sharp', sharp, 'avif', SHARP_EFFORT, SHARP_QUALITIES)]
    ways += [(name, ours, 'avif', effort, AVIF_QUALITIES) for name, effort in {**CLASSES, **OTHER_EFFORTS}.items()]

    found = {score: defaultdict(dict) for score in SCORES}  # score -> photo -> way -> (bytes, CPU)
    with tempfile.TemporaryDirectory() as folder:
        judge = Judge(engine, folder)
        for photo in photos_in(options.dir, options.side, report.note):
            # What decoding and reducing cost is not the encoders': taken off, by each program's quickest encode.
            quickest = Order(photo.path, 'webp', 1, 0, (options.side,))
            base = {program.name: program.make(quickest, Path(folder) / 'base-').cpu for program in (ours, sharp)}
            for name, program, form, effort, qualities in ways:
                points = []
                for quality in qualities:
                    order = Order(photo.path, form, quality, effort, (options.side,))
                    cost = program.make(order, Path(folder) / 'one-')
                    if isinstance(cost, str):
                        sys.exit(f'{photo.path}: {name}: {cost}')
                    score = judge.score(photo, program.outputs(order, Path(folder) / 'one-')[0])
                    points.append((score, cost.bytes, max(1e-4, cost.cpu - base.get(program.name, 0))))
                for score in SCORES:
                    if reaches(points, score):
                        found[score][photo.path.name][name] = at_score(points, score)
            judge.forget()
            print(f'done: {photo.path.name}', flush=True)
    ours.close()
    sharp.close()

    names = [name for name, *_ in ways]
    for score in SCORES:
        photos = {photo: by_way for photo, by_way in found[score].items() if len(by_way) == len(names)}
        if left := len(found[score]) - len(photos):
            report.note(f'score {score}: {left} photos left out, which not every encoder brings there')
        if not photos:
            continue
        more = lambda way, than: [by_way[way][0] / by_way[than][0] - 1 for by_way in photos.values()]
        cpu = lambda way, than: sum(by_way[way][1] for by_way in photos.values()) / sum(by_way[than][1] for by_way in photos.values())
        rows = [[name, f'{statistics.fmean(more(name, "WebP")):+.1%}', f'{max(more(name, "WebP")):+.1%}', f'{statistics.fmean(more(name, "sharp")):+.1%}',
                 *((f'{cpu(name, "WebP"):.2f}', f'{cpu(name, "sharp"):.2f}') if name != 'JPEG' else ('', ''))] for name in names]
        report.table(f'score {score}, mean of {len(photos)} photos at {options.side} px',
                     ['', 'bytes to WebP', 'worst photo', 'bytes to sharp', 'CPU to WebP', 'CPU to sharp'], rows)
        report.figure(f'webp_{score}_bytes_to_jpeg', statistics.fmean(more('WebP', 'JPEG')), '', 'bytes of WebP effort 4 over a progressive JPEG, less 1')
        for name in CLASSES:
            report.figure(f'{name}_{score}_bytes_to_webp', statistics.fmean(more(name, 'WebP')), '', f'bytes of {name} over WebP effort 4, less 1')
            report.figure(f'{name}_{score}_cpu_to_webp', cpu(name, 'WebP'), '', 'CPU of the encodes over WebP\'s')
        report.figure(f'bulk_{score}_bytes_to_sharp', statistics.fmean(more('bulk', 'sharp')), '', 'bytes of bulk over sharp\'s default, less 1')
        report.figure(f'bulk_{score}_cpu_to_sharp', cpu('bulk', 'sharp'), '', 'CPU of bulk over sharp\'s default')
        worst = max(photos, key=lambda photo: photos[photo]['interactive'][0] / photos[photo]['WebP'][0])
        report.note(f'score {score}: the worst photo of interactive is {worst}')
        report.figure(f'interactive_{score}_worst', max(more('interactive', 'WebP')), '', 'bytes of interactive over WebP, less 1, the worst photo')
    return report.finish()


if __name__ == '__main__':
    sys.exit(main())
