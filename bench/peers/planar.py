"""What the planar way is worth against RGB, photo by photo and rung by rung: SSIMULACRA2, bytes, CPU and memory of a WebP ladder."""

import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / 'support'))
from engines import Order, Program  # noqa: E402
from pictures import Judge, photos_in  # noqa: E402
from report import Report, arguments  # noqa: E402

SIDES = (2048, 1024, 512, 256)


def main():
    options = arguments(__doc__).parse_args()
    report = Report('planar', options)
    if not options.dir:
        sys.exit('bench/run planar DIR: name a folder of JPEGs')
    engine = options.programs / 'bench_engine_ladder'
    ways = [Program('planar', ('webp',), [engine, '--libwebp']), Program('RGB', ('webp',), [engine, '--libwebp', '--rgb'])]
    rows, gains, cpu, peaks = [], [], {'planar': 0, 'RGB': 0}, []
    with tempfile.TemporaryDirectory() as folder:
        judge = Judge(engine, folder)
        for photo in photos_in(options.dir, SIDES[-1], report.note):
            sides = tuple(side for side in SIDES if side <= photo.long_side)
            costs, scores = {}, {}
            for way in ways:
                prefix = Path(folder) / f'{way.name}-'
                order = Order(photo.path, 'webp', 75, 4, sides)
                cost = way.make(order, prefix)
                if isinstance(cost, str):
                    sys.exit(f'{photo.path}: {way.name}: {cost}')
                costs[way.name] = cost
                scores[way.name] = [judge.score(photo, out) for out in way.outputs(order, prefix)]
                cpu[way.name] += cost.cpu
            for side, planar, rgb in zip(sides, scores['planar'], scores['RGB']):
                gains.append((planar - rgb, photo.path.name, side))
                rows.append([photo.path.name, side, f'{planar:.2f}', f'{rgb:.2f}', f'{planar - rgb:+.2f}'])
            if photo.megapixels <= 13.5:
                peaks.append(costs['planar'].peak_mb)
            judge.forget()
    if not gains:
        sys.exit(f'{options.dir} has no JPEGs of three components in sRGB that are {SIDES[-1]} px or longer')
    report.table('SSIMULACRA2 of WebP q75 -m 4', ['photo', 'px', 'planar', 'RGB', 'gain'], rows)
    worst = min(gains)
    report.note(f'the lowest gain is at {worst[1]}, {worst[2]} px')
    report.figure('mean_gain', statistics.mean(gain for gain, _, _ in gains), '', 'SSIMULACRA2 of planar over RGB, mean over photos and rungs')
    report.figure('worst_gain', worst[0], '', 'the same, the lowest')
    report.figure('cpu_ratio', cpu['RGB'] / cpu['planar'], '', 'CPU of RGB over planar, the whole ladders')
    report.figure('peak_mb', max(peaks, default=0), 'MB', 'largest resident memory of planar, photos of up to 13.5 MP')
    return report.finish()


if __name__ == '__main__':
    sys.exit(main())
