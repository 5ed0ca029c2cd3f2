"""DNS as a client speaks it (dnspython)."""

import socket

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype


class Dns:
    def __init__(self, port, address='127.0.0.1', seconds=5):
        self.port, self.address, self.seconds = port, address, seconds

    def ask(self, name, kind='A', tcp=False, **more):
        """The whole answer, a dns.message.Message. `more` goes to make_query (use_edns,
        want_dnssec, payload, ...)."""
        return self.exchange(dns.message.make_query(name, kind, **more), tcp)

    def exchange(self, message, tcp=False):
        ask = dns.query.tcp if tcp else dns.query.udp
        return ask(message, self.address, port=self.port, timeout=self.seconds)

    def values(self, name, kind='A', tcp=False):
        """The texts of the answers of that type, in order."""
        answer = self.ask(name, kind, tcp)
        wanted = dns.rdatatype.from_text(kind)
        return sorted(r.to_text() for s in answer.answer if s.rdtype == wanted for r in s)

    def raw(self, packet):
        """One datagram there, one back; None when none comes."""
        family = socket.AF_INET6 if ':' in self.address else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as s:
            s.settimeout(self.seconds)
            s.sendto(packet, (self.address, self.port))
            try:
                return s.recv(65535)
            except socket.timeout:
                return None


def rcode(message):
    return dns.rcode.to_text(message.rcode())


def flags(message):
    return set(dns.flags.to_text(message.flags).split())
