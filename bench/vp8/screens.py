"""Our VP8 encoder against libwebp's on what is no photo: pages of text, tables, charts and drawings as Chromium shows them."""

import random
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / 'support'))
from report import arguments  # noqa: E402

WIDTH, HEIGHT = 1280, 900
WORDS = ('light paper river stone window garden copper letter silver morning harbour engine cloud bridge winter lantern orange '
         'mirror forest velvet signal pocket marble summer ladder kettle island market thunder violin').split()
dice = random.Random(1)


def text(words):
    return ' '.join(dice.choice(WORDS) for _ in range(words)).capitalize() + '.'


def paragraphs(count, words=70):
    return f'<h1>{text(4)}</h1>' + ''.join(f'<p>{text(words)}</p>' for _ in range(count))


def drawing(shapes):
    return f'<svg width="{WIDTH}" height="{HEIGHT}" style="position:absolute;left:0;top:0">{"".join(shapes)}</svg>'


def colour(saturation, lightness):
    return f'hsl({dice.randrange(360)},{saturation}%,{lightness}%)'


def table():
    rows = ''.join('<tr>' + ''.join(f'<td>{cell}</td>' for cell in
                                    (text(2), dice.randrange(10**6), f'{dice.random():.3f}', dice.choice(WORDS), f'{dice.randrange(100)} %')) + '</tr>'
                   for _ in range(30))
    return f'<style>td{{border:1px solid #ccc;padding:3px 14px}}tr:nth-child(odd){{background:#f3f6fa}}</style><table>{rows}</table>'


def cards():
    return '<style>div{display:inline-block;width:260px;height:190px;margin:14px;padding:14px;border-radius:14px;vertical-align:top;' \
           'box-shadow:0 6px 18px #0003;background:#fff}</style>' + \
           ''.join(f'<div style="background:linear-gradient({colour(70, 92)},#fff)"><h3>{text(2)}</h3>{text(16)}</div>' for _ in range(12))


def chart():
    bars = [f'<rect x="{60 + 38 * i}" y="{880 - 24 * h}" width="26" height="{24 * h}" fill="{colour(60, 60)}"/>'
            for i, h in enumerate(dice.choices(range(3, 15), k=30))]
    height, lines = 300, []
    for _ in range(4):
        steps = []
        for x in range(60, WIDTH - 60, 12):
            height = min(480, max(40, height + dice.randrange(-22, 23)))
            steps.append(f'{x},{height}')
        lines.append(f'<polyline points="{" ".join(steps)}" fill="none" stroke="{colour(80, 45)}" stroke-width="2"/>')
    return drawing(bars + lines + [f'<text x="10" y="{y}" font-size="13">{y}</text>' for y in range(40, 900, 60)])


def diagram():
    places = [(80 + 300 * (i % 4) + dice.randrange(40), 60 + 210 * (i // 4) + dice.randrange(40)) for i in range(16)]
    lines = [f'<line x1="{a[0] + 90}" y1="{a[1] + 40}" x2="{b[0] + 90}" y2="{b[1] + 40}" stroke="#444" stroke-width="1.5"/>'
             for a, b in (dice.sample(places, 2) for _ in range(22))]
    boxes = [f'<rect x="{x}" y="{y}" width="180" height="80" rx="8" fill="{colour(60, 90)}" stroke="#222"/>'
             f'<text x="{x + 16}" y="{y + 46}" font-size="16">{text(2)}</text>' for x, y in places]
    return drawing(lines + boxes)


def plan():
    point = lambda: f'{dice.randrange(WIDTH)},{dice.randrange(HEIGHT)}'
    areas = [f'<polygon points="{point()} {point()} {point()} {point()}" fill="{colour(40, 80)}"/>' for _ in range(14)]
    roads = [f'<path d="M{point()} Q{point()} {point()}" fill="none" stroke="#{dice.choice(("fff", "fd8", "888"))}" stroke-width="{dice.choice((2, 5, 9))}"/>'
             for _ in range(40)]
    names = [f'<text x="{dice.randrange(WIDTH)}" y="{dice.randrange(HEIGHT)}" font-size="12">{text(2)}</text>' for _ in range(50)]
    return drawing(areas + roads + names)


def album(folder):
    photos = sorted(p for p in folder.iterdir() if p.suffix.lower() in ('.jpg', '.jpeg'))[:12]
    return ''.join(f'<img src="{p.resolve().as_uri()}" style="width:296px;height:280px;object-fit:cover;margin:6px">' for p in photos)


def pages(photos):
    code = '\n'.join('  ' * dice.randrange(5) + ' '.join(f'<b style="color:{colour(70, 75)}">{dice.choice(WORDS)}</b>' for _ in range(dice.randrange(2, 9)))
                     for _ in range(48))
    loud = ''.join(f'<p style="font:bold 24px sans-serif;color:{dice.choice(("#f00", "#00f", "#0f0", "#ff0"))};background:{dice.choice(("#000", "#fff", "#408"))}">'
                   f'{text(14)}</p>' for _ in range(16))
    yield 'text', f'<body style="font:17px serif;color:#222;background:#fff">{paragraphs(8)}'
    yield 'text-light-on-dark', f'<body style="font:15px sans-serif;color:#ddd;background:#16181c">{paragraphs(9)}'
    yield 'code', f'<body style="background:#1e1e1e"><pre style="font:14px monospace">{code}</pre>'
    yield 'table', f'<body style="font:14px sans-serif">{table()}'
    yield 'cards', f'<body style="font:14px sans-serif;background:#eef1f5">{cards()}'
    yield 'chart', f'<body style="font:14px sans-serif">{chart()}'
    yield 'text-in-loud-colours', f'<body>{loud}'
    yield 'diagram', f'<body style="font:14px sans-serif">{diagram()}'
    yield 'plan', f'<body style="font:14px sans-serif;background:#e8f0e0">{plan()}'
    if photos:
        yield 'album', f'<body style="background:#111;margin:20px">{album(photos)}'


def draw(name, html, folder):
    page = folder / f'{name}.html'
    page.write_text(f'<!doctype html><meta charset="utf-8">{html}')
    picture = folder / f'{name}.png'
    picture.unlink(missing_ok=True)
    shot = subprocess.run(['chromium', '--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--hide-scrollbars',
                           f'--user-data-dir={folder}/profile', f'--window-size={WIDTH},{HEIGHT}', f'--screenshot={picture}', page.as_uri()],
                          capture_output=True, text=True, timeout=120)
    if shot.returncode != 0 or not picture.exists():
        sys.exit(f'{name}: chromium drew nothing: {shot.stderr[-500:]}')


def main():
    parser = arguments(__doc__ + '\nA folder of photos is for a page that shows them.')
    parser.add_argument('--keep', type=Path, help='keep the pictures in this folder')
    parser.add_argument('--coders', help='only these beside "libwebp m4", such as fast,default')
    parser.add_argument('--judge', choices=('own', 'debian'), help="whose SSIMULACRA 2: our kernel's, or that of Debian's program")
    options = parser.parse_args()
    if options.dir and not options.dir.is_dir():
        parser.error(f'{options.dir} is no folder')
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for name, html in pages(options.dir):
            draw(name, html, folder.resolve())
        words = [options.programs / 'bench_vp8', folder, '--half', 'all', '--goals', 'screens']
        for name in ('coders', 'judge', 'json'):
            words += [f'--{name}', getattr(options, name)] if getattr(options, name) else []
        words += ['--check'] if options.check else []
        return subprocess.run(words).returncode


if __name__ == '__main__':
    sys.exit(main())
