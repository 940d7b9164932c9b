"""The smallest photo that a farm makes a variant of: a grey baseline JPEG, written here byte by byte."""


def jpeg(width=96, height=64):
    segment = lambda marker, data: bytes((0xFF, marker)) + (len(data) + 2).to_bytes(2, "big") + data
    quantisers = segment(0xDB, b"\x00" + b"\x10" * 64)
    frame = segment(0xC0, b"\x08" + height.to_bytes(2, "big") + width.to_bytes(2, "big") + b"\x01\x01\x11\x00")
    # One code each: a DC difference of no bits, and the end of a block.
    huffman = segment(0xC4, b"\x00\x01" + b"\x00" * 15 + b"\x00") + segment(0xC4, b"\x10\x01" + b"\x00" * 15 + b"\x00")
    scan = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")
    blocks = width // 8 * (height // 8)
    bits = "00" * blocks  # "0" for the DC, "0" for the end
    bits += "1" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\x00")
    return b"\xff\xd8" + quantisers + frame + huffman + scan + data + b"\xff\xd9"
