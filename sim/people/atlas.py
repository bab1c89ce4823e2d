"""Where the colours of each part lie in a person's atlas, the one texture of all parts."""

SIZE = (2304, 2048)
"""Height and width of the atlas in pixels."""

FACE = (0, 0, 1536, 1240)
HAIR = (0, 1264, 1024, 1024)
TOP = (1024, 1264, 1024, 1024)
EYE = (1560, 16, 256, 256)
EAR = (1560, 300, 256, 384)
MOUTH = (1840, 16, 192, 96)
LASH = (1840, 140, 192, 64)
PLAIN = (1560, 710, 448, 448)
FRAME = (1840, 230, 48, 48)
GOLD = (1900, 230, 48, 48)
BAND = (1960, 230, 48, 48)
LENS = (1840, 300, 192, 128)

"""The region of each part: its top left corner (x, y), its width and its height, in atlas pixels."""

EYE_PX_PER_UNIT = 640.0
TOP_PX_PER_UNIT = 210.0
TOP_ORIGIN = 512.0
"""The column of TOP, the region of the body, where the middle of the body lies."""
TOP_Y0 = 0.55
"""The height on the body (units) that the first row of TOP shows."""
