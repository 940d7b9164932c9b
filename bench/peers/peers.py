"""The engine, sharp, OpenCV, vipsthumbnail, cwebp, avifenc and ImageMagick side by side: CPU, wall time, memory, bytes, SSIMULACRA2.

Every photo is done by every engine in turn, round after round, so that whatever else the machine does meets them all. The ladder
is WebP q75, effort 4, at 2048, 1024, 512 and 256 px, ours by our own encoder and by libwebp; AVIF is made at 1024 px with each encoder's usual effort. CPU is user and
system time of all threads; libraries are measured inside a program that stays up, programs from start to end.
"""

import math
import shutil
import statistics
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / 'support'))
from engines import OURS, OURS_WITH_LIBWEBP, Order, all_engines  # noqa: E402
from page import plot, table, write_page  # noqa: E402
from pictures import Judge, photos_in  # noqa: E402
from report import Report, arguments  # noqa: E402

LADDER = (2048, 1024, 512, 256)
CURVE_SIDE = 1024
CURVE_QUALITIES = {'webp': (55, 70, 82), 'avif': (42, 56, 70)}
# sharp and avifenc as they come; ours at the effort of an upload.
AVIF_EFFORT = {OURS: 3, 'sharp': 4, 'avifenc': 6}
OTHER_QUALITIES = (68, 82)  # of our own encoder beside 75: its bytes at another's score are read off between them
CURVE_ENGINES = (OURS, OURS_WITH_LIBWEBP, 'sharp', 'cwebp', 'avifenc')
HEADER = ['photo', 'engine', 'CPU s', 'wall s', 'peak MB', 'kB', *(f'{side} px' for side in LADDER)]


def median_cost(costs):
    return {key: statistics.median(getattr(cost, key) for cost in costs) for key in ('cpu', 'wall', 'peak_mb', 'bytes')}


def bytes_at(points, score):
    """Bytes, along their logarithm, where the line through (score, bytes) points crosses `score`."""
    points = sorted(points)
    i = next((i for i, point in enumerate(points) if point[0] > score), len(points) - 1)
    low, high = points[max(0, i - 1)], points[max(1, i)]
    part = (score - low[0]) / ((high[0] - low[0]) or 1)
    return math.exp(math.log(low[1]) + part * (math.log(high[1]) - math.log(low[1])))


class Comparison:
    def __init__(self, options, report, folder):
        self.options, self.report, self.folder = options, report, Path(folder)
        programs = options.programs
        self.engines = all_engines(programs, options.cache)
        self.judge = Judge(programs / 'bench_engine_ladder', folder)
        self.ladders = defaultdict(dict)                           # photo -> engine -> median cost and scores
        self.more_than_sharp = []                                  # a photo
        self.curves = defaultdict(lambda: defaultdict(list))       # (engine, format) -> quality -> [(kB, score, CPU s)]

    def warm_up(self, photo):
        for engine in self.engines:
            engine.make(Order(photo.path, engine.formats[0], 50, 4, (64,)), self.folder / 'warm-')

    def ladder(self, photo):
        order = Order(photo.path, 'webp', 75, 4, LADDER)
        makers = [engine for engine in self.engines if 'webp' in engine.formats]
        costs, failed = defaultdict(list), {}
        for _ in range(self.options.rounds):
            for engine in makers:
                cost = engine.make(order, self.folder / f'{engine.name}-')
                if isinstance(cost, str):
                    failed[engine.name] = cost
                else:
                    costs[engine.name].append(cost)
        for engine in makers:
            if engine.name in failed:
                self.report.note(f'{photo.path.name}: {engine.name}: {failed[engine.name]}')
                continue
            self.ladders[photo][engine.name] = median_cost(costs[engine.name]) | self.worth(photo, engine, order)

    def worth(self, photo, engine, order):
        outs = engine.outputs(order, self.folder / f'{engine.name}-')
        return {'scores': [self.judge.score(photo, out) for out in outs], 'sizes': [out.stat().st_size for out in outs]}

    def equal_score(self, photo):
        """How many more bytes our own encoder takes for the ladder than sharp, less 1, at sharp's score of each size."""
        ours = next(engine for engine in self.engines if engine.name == OURS)
        made = self.ladders[photo]
        if not {OURS, 'sharp'} <= made.keys():
            return
        worths = [made[OURS]]
        for quality in OTHER_QUALITIES:
            order = Order(photo.path, 'webp', quality, 4, LADDER)
            if isinstance(ours.make(order, self.folder / f'{OURS}-'), str):
                return
            worths.append(self.worth(photo, ours, order))
        needed = sum(bytes_at([(worth['scores'][i], worth['sizes'][i]) for worth in worths], made['sharp']['scores'][i]) for i in range(len(LADDER)))
        self.more_than_sharp.append(needed / sum(made['sharp']['sizes']) - 1)

    def curve(self, photo):
        for engine in self.engines:
            if engine.name not in CURVE_ENGINES:
                continue
            for form in engine.formats:
                for quality in CURVE_QUALITIES[form]:
                    effort = 4 if form == 'webp' else AVIF_EFFORT[engine.name]
                    order = Order(photo.path, form, quality, effort, (CURVE_SIDE,))
                    cost = engine.make(order, self.folder / 'curve-')
                    if isinstance(cost, str):
                        self.report.note(f'{photo.path.name}: {engine.name} {form}: {cost}')
                        continue
                    score = self.judge.score(photo, engine.outputs(order, self.folder / 'curve-')[0])
                    self.curves[engine.name, form][quality].append((cost.bytes / 1000, score, cost.cpu))

    def close(self):
        for engine in self.engines:
            engine.close()


def row_of(photo, engine, cost):
    return [photo, engine, f'{cost["cpu"]:.3f}', f'{cost["wall"]:.3f}', f'{cost["peak_mb"]:.0f}', f'{cost["bytes"] / 1000:.0f}',
            *(f'{score:.2f}' for score in cost['scores'])]


def means(ladders):
    """Engine -> mean cost over the photos that every engine did."""
    engines = {name for costs in ladders.values() for name in costs}
    whole = [costs for costs in ladders.values() if set(costs) == engines]
    mean = lambda values: statistics.fmean(values)
    return {name: {key: mean([costs[name][key] for costs in whole]) for key in ('cpu', 'wall', 'peak_mb', 'bytes')}
            | {'scores': [mean(column) for column in zip(*(costs[name]['scores'] for costs in whole))]}
            for name in sorted(engines, key=lambda name: mean([costs[name]['cpu'] for costs in whole]))} if whole else {}


def main():
    parser = arguments(__doc__)
    parser.add_argument('--rounds', type=int, default=3, help='times that every ladder is made (3)')
    parser.add_argument('--curve-photos', type=int, default=6, help='photos that the plots of quality are made of (6)')
    parser.add_argument('--page', type=Path, default=Path('peers.html'), help='where the page goes (./peers.html)')
    options = parser.parse_args()
    report = Report('peers', options)
    if not options.dir:
        sys.exit('bench/run peers DIR: name a folder of JPEGs')
    photos = photos_in(options.dir, LADDER[0], report.note)
    if not photos:
        sys.exit(f'{options.dir} has no JPEGs of three components in sRGB that are {LADDER[0]} px or longer')

    folder = tempfile.mkdtemp(prefix='tintype-peers-')
    comparison = Comparison(options, report, folder)
    try:
        comparison.warm_up(photos[0])
        for i, photo in enumerate(photos):
            comparison.ladder(photo)
            comparison.equal_score(photo)
            if i % max(1, len(photos) // max(1, options.curve_photos)) == 0:
                comparison.curve(photo)
            comparison.judge.forget()
            print(f'{i + 1} of {len(photos)}: {photo.path.name}', flush=True)
    finally:
        comparison.close()
        shutil.rmtree(folder)

    rows = [row_of(photo.path.name, name, cost) for photo, costs in comparison.ladders.items() for name, cost in costs.items()]
    mean = means(comparison.ladders)
    mean_rows = [row_of(f'mean of {len(photos)}', name, cost) for name, cost in mean.items()]
    report.table('WebP ladder, q75, effort 4: medians, and SSIMULACRA2 of each size', HEADER, rows + mean_rows)
    for name, key in (('sharp', 'sharp_ratio'), ('OpenCV', 'opencv_ratio'), ('vipsthumbnail', 'vips_ratio'), ('cwebp', 'cwebp_ratio'), ('ImageMagick', 'imagemagick_ratio')):
        if name in mean:
            report.figure(key, mean[name]['cpu'] / mean[OURS_WITH_LIBWEBP]['cpu'], '', f'CPU of {name} over ours with libwebp -m 4, mean of photos')
    if 'sharp' in mean:
        report.figure('own_sharp_ratio', mean['sharp']['cpu'] / mean[OURS]['cpu'], '', 'CPU of sharp over ours with our own encoder')
    if comparison.more_than_sharp:
        report.figure('own_bytes_to_sharp', statistics.fmean(comparison.more_than_sharp), '', 'bytes of our own encoder over sharp\'s at sharp\'s score of each size, less 1, mean of photos')
    small = [costs[OURS]['peak_mb'] for photo, costs in comparison.ladders.items() if photo.megapixels <= 13.5 and OURS in costs]
    report.figure('peak_mb', max(small, default=0), 'MB', 'our largest resident memory, photos of up to 13.5 MP')

    curve = {key: [tuple(statistics.fmean(column) for column in zip(*points)) for _, points in sorted(by_quality.items())]
             for key, by_quality in comparison.curves.items()}
    sizes = plot(f'Size against score, {CURVE_SIDE} px', 'kB, mean', 'SSIMULACRA2, mean', {key: [(kb, score) for kb, score, _ in line] for key, line in curve.items()}, True)
    times = plot(f'CPU time against score, {CURVE_SIDE} px', 'CPU seconds, mean', 'SSIMULACRA2, mean', {key: [(cpu, score) for _, score, cpu in line] for key, line in curve.items()}, True)
    ladder_time = plot('The ladder: CPU time against size', 'CPU seconds, mean', 'kB, mean', {(name, ''): [(cost['cpu'], cost['bytes'] / 1000)] for name, cost in mean.items()}, True)
    ladder_score = plot('The ladder: CPU time against score', 'CPU seconds, mean', 'SSIMULACRA2, mean of sizes', {(name, ''): [(cost['cpu'], statistics.fmean(cost['scores']))] for name, cost in mean.items()}, True)
    write_page(options.page, f'{len(photos)} photos of {options.dir}; user and system seconds of all threads; median of {options.rounds} round{"s" if options.rounds > 1 else ""}',
               [('In short', [table(HEADER, mean_rows), f'<div class="plots">{ladder_time}{ladder_score}</div>']),
                ('Over qualities', [f'<div class="plots">{sizes}{times}</div>']),
                ('Every photo', [table(HEADER, rows)])])
    print(f'\nthe page is {options.page.resolve()}')
    return report.finish()


if __name__ == '__main__':
    sys.exit(main())
