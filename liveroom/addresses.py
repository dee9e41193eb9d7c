"""Which addresses of the network count as one: whoever has one of a network has all of it."""

from ipaddress import ip_address, ip_network


def network_around(address: str, *, ipv4_bits: int = 32, ipv6_bits: int = 64) -> str | None:
    """The network of so many bits around an address; None for what is no address.

    An IPv4 address is itself and a home or telephone has an IPv6 /64, unless other bits are asked for. One that an
    IPv6 socket shows of an IPv4 client (``::ffff:192.0.2.1``, RFC 4291 2.5.5.2) is the client's, else all were one.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if found.version == 6 and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    bits = ipv4_bits if found.version == 4 else ipv6_bits
    return str(found) if bits == found.max_prefixlen else str(ip_network((found, bits), strict=False))
