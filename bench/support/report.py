"""What bench/support/bench_report.h is to benches in C++: tables, figures, goals of bench/goals.toml, JSON."""

import argparse
import json
import tomllib
from pathlib import Path

GOALS = Path(__file__).parent.parent / 'goals.toml'


def arguments(description):
    """A parser with what every bench takes; bench/run adds --programs and --cache."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('dir', nargs='?', type=Path, help='a folder of photos')
    parser.add_argument('--json', type=Path, help='write the figures to this file')
    parser.add_argument('--check', action='store_true', help='fail when a goal of bench/goals.toml is missed')
    parser.add_argument('--programs', type=Path, help=argparse.SUPPRESS)
    parser.add_argument('--cache', type=Path, help=argparse.SUPPRESS)
    return parser


def text_table(header, rows):
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    line = lambda row: '  '.join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))).rstrip()
    return '\n'.join(line(row) for row in [header, *rows])


class Report:
    def __init__(self, name, options):
        self.name, self.options = name, options
        self.figures, self.notes = [], []

    def table(self, title, header, rows):
        print(f'\n{title}\n{text_table(header, rows)}', flush=True)

    def figure(self, key, value, unit, meaning):
        self.figures.append({'key': key, 'value': value, 'unit': unit, 'meaning': meaning})

    def note(self, text):
        self.notes.append(text)
        print(f'note: {text}', flush=True)

    def finish(self):
        """Prints the figures beside their goals; the exit status."""
        goals = tomllib.loads(GOALS.read_text()).get(self.name, {})
        short, rows = [], []
        for figure in self.figures:
            goal = goals.pop(figure['key'], {})
            least, most = goal.get('at_least'), goal.get('at_most')
            met = (least is None or figure['value'] >= least) and (most is None or figure['value'] <= most)
            wanted = ', '.join(text for text in (f'at least {least:g}' if least is not None else '', f'at most {most:g}' if most is not None else '') if text)
            figure |= {'goal': wanted, 'met': '' if not goal else 'yes' if met else 'NO'}
            if goal and not met:
                short.append(f'{figure["key"]} is {figure["value"]:.4g}, the goal is {wanted}')
            rows.append([figure['key'], f'{figure["value"]:.4g}', figure['unit'], wanted, figure['met'], figure['meaning']])
        self.table('figures', ['figure', 'value', 'unit', 'goal', 'met', 'what it is'], rows)
        if self.options.json:
            self.options.json.write_text(json.dumps({'bench': self.name, 'figures': self.figures, 'notes': self.notes}, indent=2) + '\n')
        if not self.options.check:
            return 0
        short += [f'{key} was not measured in this run' for key in goals]
        for shortfall in short:
            print(f'SHORT: {shortfall}')
        return 1 if short else 0
