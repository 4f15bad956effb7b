"""Draw how many users wait, over the time of a burst, from the series that make
simulate UPDATE=1 writes, as SVG on standard output.

The picture ends with a hash of what it was drawn from, so that a test can tell that
it is old.
"""

import hashlib
import json
import sys
from pathlib import Path

import vl_convert

COLORS = {"retries": "#d62728", "queue": "#1f77b4"}


def rule(minutes: float, label: str) -> list:
    data = {"values": [{"minutes": minutes, "label": label}]}
    x = {"field": "minutes", "type": "quantitative"}
    return [
        {"data": data, "mark": {"type": "rule", "strokeDash": [4, 3], "color": "#687078"}, "encoding": {"x": x}},
        {
            "data": data,
            "mark": {"type": "text", "align": "left", "baseline": "top", "dx": 4, "color": "#687078", "fontSize": 10},
            "encoding": {"x": x, "y": {"value": 0}, "text": {"field": "label"}},
        },
    ]


def panel(plot: dict, waits_for: str) -> dict:
    line = {
        "data": {"values": [point for point in plot["points"] if point["for"] == waits_for]},
        "mark": {"type": "line", "strokeWidth": 1.8},
        "encoding": {
            "x": {"field": "minutes", "type": "quantitative", "title": "minutes"},
            "y": {"field": "users", "type": "quantitative", "title": "users who wait for " + waits_for},
            "color": {
                "field": "mode",
                "type": "nominal",
                "title": "a state waits by",
                "scale": {"domain": list(COLORS), "range": list(COLORS.values())},
            },
        },
    }
    layers = [line]
    if waits_for == "the mail":
        layers += rule(plot["limit"], "limit") + rule(plot["limit"] * plot["most"], f"goal: {plot['most']} × limit")
    return {"width": 420, "height": 260, "layer": layers}


def main() -> None:
    series = Path(sys.argv[1]).read_bytes()
    plot = json.loads(series)
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": {"text": f"Backlog of a burst of {plot['title']}, simulated", "anchor": "start"},
        "background": "white",
        "hconcat": [panel(plot, waits_for) for waits_for in ("the group", "the mail")],
    }
    digest = hashlib.sha256(Path(__file__).read_bytes() + series)
    print(vl_convert.vegalite_to_svg(spec).rstrip() + f"<!-- {digest.hexdigest()} -->")


if __name__ == "__main__":
    main()
