"""Where everything in a picture stands, as frozen values; templates draw them as SVG and know no arithmetic.

One unit is a CSS pixel at full width; the origin is at the top of the side where reading starts, and
`Plane` turns that into SVG's left for languages that are read from the right. Words come from the
caller, in the reader's language, and hold no personal values.
"""

from troth.web.pictures.bars import Bars, Stay, bars
from troth.web.pictures.flows import Column, Flow, Flows, Node, flows
from troth.web.pictures.lanes import Lane, Lanes, Mark, lanes
from troth.web.pictures.parcel import Parcel, Station, parcel
from troth.web.pictures.plane import WIDTH, Text
from troth.web.pictures.proof import Climb, Step, climb
from troth.web.pictures.steps import Course, Courses, Turn, steps
from troth.web.pictures.strip import Days, Strip, strip

__all__ = [
    "WIDTH",
    "Bars",
    "Climb",
    "Column",
    "Course",
    "Courses",
    "Days",
    "Flow",
    "Flows",
    "Lane",
    "Lanes",
    "Mark",
    "Node",
    "Parcel",
    "Station",
    "Stay",
    "Step",
    "Strip",
    "Text",
    "Turn",
    "bars",
    "climb",
    "flows",
    "lanes",
    "parcel",
    "steps",
    "strip",
]
