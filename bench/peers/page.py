"""The page of `bench/run peers`: one HTML file with its plots drawn as SVG, nothing fetched."""

import html
import math

COLOURS = {'tintype': '#d9480f', 'sharp': '#1c7ed6', 'OpenCV': '#2b8a3e', 'vipsthumbnail': '#7048e8', 'cwebp': '#868e96',
           'avifenc': '#0b7285', 'ImageMagick': '#c2255c'}

STYLE = '''
:root { color-scheme: light dark; --ink: #212529; --soft: #868e96; --line: #dee2e6; --page: #fff; --mark: #fff4e6; }
@media (prefers-color-scheme: dark) { :root { --ink: #e9ecef; --soft: #868e96; --line: #373a40; --page: #1a1b1e; --mark: #3b2a1a; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 1100px; margin: 2.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin-top: 2.4rem; } p.lead { color: var(--soft); margin-top: 0; }
.plots { margin-top: 1.2rem; display: grid; grid-template-columns: repeat(auto-fit, minmax(480px, 1fr)); gap: 1.5rem; } figure { margin: 0; } figcaption { font-weight: 600; margin-bottom: .3rem; }
svg { width: 100%; height: auto; } svg text { fill: var(--soft); font-size: 12px; } svg .axis { stroke: var(--line); } svg .name { font-weight: 600; }
.table { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; } th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child, th:nth-child(2), td:nth-child(2) { text-align: left; } th { color: var(--soft); font-weight: 600; } tr.ours { background: var(--mark); }
'''

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 600, 380, 56, 130, 34, 40


def nice_ticks(low, high, count=5):
    step = (high - low) / count
    power = 10 ** math.floor(math.log10(step))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= step)
    first = math.ceil(low / step)
    return [step * i for i in range(first, math.floor(high / step) + 1)]


class Axis:
    """Where values lie between two edges of a plot."""

    def __init__(self, values, start, end, logarithmic=False):
        self.logarithmic = logarithmic
        place = math.log2 if logarithmic else float
        low, high = place(min(values)), place(max(values))
        margin = (high - low or 1) * 0.08
        self.low, self.high, self.start, self.end = low - margin, high + margin, start, end

    def __call__(self, value):
        value = math.log2(value) if self.logarithmic else value
        return self.start + (self.end - self.start) * (value - self.low) / (self.high - self.low)

    def ticks(self):
        if not self.logarithmic:
            return nice_ticks(self.low, self.high)
        return [2.0 ** i for i in range(math.ceil(self.low), math.floor(self.high) + 1)] or [2 ** ((self.low + self.high) / 2)]


def plot(title, x_name, y_name, lines, logarithmic=False):
    """`lines`: {(engine, format): [(x, y), ...]}; AVIF is dashed."""
    points = [point for line in lines.values() for point in line]
    if not points:
        return ''
    x = Axis([p[0] for p in points], LEFT, WIDTH - RIGHT, logarithmic)
    y = Axis([p[1] for p in points], HEIGHT - BOTTOM, TOP)
    parts = []
    for tick in x.ticks():
        parts.append(f'<line class="axis" x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
                     f'<text x="{x(tick):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{tick:g}</text>')
    for tick in y.ticks():
        parts.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>'
                     f'<text x="{LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}" text-anchor="middle">{html.escape(x_name)}</text>'
                 f'<text transform="translate(14 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">{html.escape(y_name)}</text>')
    label_rows = []
    for (engine, form), line in sorted(lines.items(), key=lambda item: item[1][-1][1]):
        colour = COLOURS.get(engine, '#495057')
        dash = ' stroke-dasharray="5 4"' if form == 'avif' else ''
        route = ' '.join(f'{x(px):.1f},{y(py):.1f}' for px, py in line)
        parts.append(f'<polyline points="{route}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        parts += [f'<circle cx="{x(px):.1f}" cy="{y(py):.1f}" r="3.5" fill="{colour}"><title>{html.escape(engine)} {form}: {px:.4g}, {py:.4g}</title></circle>'
                  for px, py in line]
        at = y(line[-1][1]) + 4
        if label_rows and label_rows[-1] - at < 14:
            at = label_rows[-1] - 14
        label_rows.append(at)
        parts.append(f'<text class="name" x="{WIDTH - RIGHT + 8}" y="{at:.1f}" style="fill:{colour}">{html.escape(f"{engine} {form}".strip())}</text>')
    return f'<figure><figcaption>{html.escape(title)}</figcaption><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(parts)}</svg></figure>'


def table(header, rows):
    cells = lambda row, tag: ''.join(f'<{tag}>{html.escape(str(cell))}</{tag}>' for cell in row)
    body = ''.join(f'<tr{" class=ours" if any(str(cell).startswith("tintype") for cell in row[:2]) else ""}>{cells(row, "td")}</tr>' for row in rows)
    return f'<div class="table"><table><tr>{cells(header, "th")}</tr>{body}</table></div>'


def write_page(path, lead, sections):
    """`sections`: [(heading, [HTML, ...])]."""
    body = ''.join(f'<h2>{html.escape(heading)}</h2>{"".join(parts)}' for heading, parts in sections)
    path.write_text(f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
                    f'<title>Tintype and its peers</title><style>{STYLE}</style><h1>Tintype and its peers</h1><p class="lead">{html.escape(lead)}</p>{body}</html>\n')
