"""What tests of impressions share: names, and checks of their geometry."""

from itertools import pairwise

from eseal.documents.impressions.drawing.polygons import overlap

CHINESE = "中华人民共和国新疆维吾尔自治区伊犁哈萨克自治州察布查尔锡伯自治县绿色农业发展有限公司"
JAPANESE = "株式会社トヨタモビリティサービスさくら商事ホールディングス北海道札幌市中央区第二事業部"
LATIN = "Northern Lights Shipping and Trading Ltd"


def outline_points(mark):
    return [point for _, points in mark.shape(None).path.segments for point in points]


def inside_room(mark, slack=0.01):
    """Whether every point of an outline that is on it lies in the character's room."""
    corners = mark.corners(slack)
    return all(
        (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) >= 0
        for a, b in pairwise([*corners, corners[0]])
        for _, points in mark.shape(None).path.segments
        if points
        for x, y in [points[-1]]
    )


def overlapping(marks):
    """Pairs of characters whose rooms overlap."""
    return [
        (one.glyph.character, other.glyph.character)
        for index, one in enumerate(marks)
        for other in marks[index + 1 :]
        if overlap(one.corners(), other.corners())
    ]
