"""Zones with one of everything, for comparing name servers: WORLDS are zones that one server
has at once, by name; signed or not, as WAYS say."""

from lib.nameservers import Signed

EXAMPLE = r"""
$TTL 3600
@       SOA ns1 hostmaster 2026112001 3600 900 1209600 300
@       NS  ns1
@       NS  ns2.elsewhere.net.
@       A   192.0.2.1
@       AAAA 2001:db8::1
@       MX  10 mx1
@       MX  20 mx.elsewhere.net.
@       TXT "v=spf1 -all" "second string"
@       CAA 0 issue "ca.example.net"
@       HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.1
ns1     A   192.0.2.2
        AAAA 2001:db8::2
mx1     A   192.0.2.3
mx1     60  TXT "mail"
www     A   192.0.2.4
www     A   192.0.2.5
www     AAAA 2001:db8::4
MixedCase A 192.0.2.6
alias   CNAME www
alias2  CNAME alias
alias3  CNAME alias2
dangling CNAME nothere
outward CNAME www.elsewhere.net.
selfish CNAME selfish
loop1   CNAME loop2
loop2   CNAME loop1
tosub   CNAME host.sub
towild  CNAME x.wild
toent   CNAME ent
todname CNAME q.dn
a.b.ent A   192.0.2.7
deep.a.very.deep.tree.of.empty.names A 192.0.2.8
*.wild  A   192.0.2.9
*.wild  TXT "wild"
*.wild  MX  10 mx1
b.wild  A   192.0.2.10
c.d.wild A  192.0.2.11
*.wcname CNAME www
*.wloop CNAME x.wloop
*.went.tree TXT "below"
sub.*.star A 192.0.2.12
sub     NS  ns.sub
sub     NS  ns2.elsewhere.net.
ns.sub  A   192.0.2.13
        AAAA 2001:db8::13
host.sub A  192.0.2.14
secure  NS  ns.secure
secure  DS  12345 13 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB
ns.secure A 192.0.2.15
sibling NS  ns.sub
sibling NS  ns1
far     NS  ns.elsewhere.net.
deep.far2 NS ns1
dn      DNAME target
x.target A  192.0.2.16
target  A   192.0.2.17
y.target CNAME x.target
dnout   DNAME elsewhere.net.
dnloop  DNAME sub.dnloop
dnwild  DNAME wild
both    DNAME target
both    A   192.0.2.18
both    TXT "beside a DNAME"
_http._tcp SRV 0 5 80 www
_http._tcp SRV 1 5 80 x.wild
_sip._udp SRV 0 5 5060 www.elsewhere.net.
ptr     PTR www
naptr   NAPTR 100 10 "u" "E2U+sip" "!^.*$!sip:x@example.com!" .
info    HINFO "PC" "Linux"
loc     LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
rp      RP  hostmaster txt
afsdb   AFSDB 1 www
tlsa    TLSA 3 1 1 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB
sshfp   SSHFP 4 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB
unknown TYPE65280 \# 4 0A000001
svcb    SVCB 1 www alpn=h2
svcalias HTTPS 0 www
mxwild  MX  10 q.wild
mxsub   MX  10 host.sub
mxalias MX  10 alias
many    A   10.0.0.1
many    A   10.0.0.2
many    A   10.0.0.3
manyns  NS  ns1
manyns  NS  ns.sub
manyns  NS  ns.manyns
ns.manyns A 192.0.2.19
odd\.dot A  192.0.2.20
sp\032ace A 192.0.2.21
at\@sign A  192.0.2.22
*       300 TXT "top wildcard does not reach what exists"
_dmarc  TXT "v=DMARC1; p=reject"
"""


def big_records():
    """RRsets that are large over UDP."""
    lines = [f'bigtxt TXT "{i:04d}{"x" * 200}"' for i in range(12)]
    lines += [f'biga A 10.1.{i // 250}.{i % 250 + 1}' for i in range(120)]
    lines += [f'bigns NS ns{i}.bigns' for i in range(13)]
    lines += [f'ns{i}.bigns AAAA 2001:db8::{i + 100:x}' for i in range(13)]
    lines += [f'ns{i}.bigns A 10.2.0.{i + 1}' for i in range(13)]
    lines += [f'bigmx MX {i} mx{i}.bigmx' for i in range(20)]
    lines += [f'mx{i}.bigmx A 10.3.0.{i + 1}' for i in range(20)]
    return '\n'.join(lines) + '\n'


DEEP = r"""
$TTL 600
@       SOA NS1 host\.master 7 3600 900 1209600 900
@       NS  ns1
@       NS  Ns2.B
@       NS  ns.other.test.
@       MX  0 .
@       A   198.51.100.1
@       TYPE65534 \# 3 010203
ns1     A   198.51.100.2
ns2.b   AAAA 2001:db8:1::2
; wildcards of every depth, below and beside what exists
*.w1    TXT "w1"
*.w1    A   198.51.100.3
*.w1    RP  mbox.w1 txt.w1
x.*.w1  A   198.51.100.4
*.a.w1  A   198.51.100.5
*.a.b.c.d.w1 TXT "abcd"
*.*.w2  A   198.51.100.6
*.b.*.w2 TXT "b"
exist.w3 A  198.51.100.7
*.w3    MX  5 exist.w3
*.w3    MX  6 synth.w1
c.exist.w3 A 198.51.100.8
*.w4    CNAME a.w1
*.w5    CNAME x.w4
*.w6    CNAME y.w6
*.w7    CNAME nothere
*.w8    CNAME host.cut1
*.w9    CNAME x.d1
*.w10   A   198.51.100.9
cut.w10 NS  ns.cut.w10
ns.cut.w10 A 198.51.100.10
host.cut.w10 A 198.51.100.11
cut.*.w10 NS ns1
ent.*.w11 TXT "ent below star"
*.w12   SRV 1 2 3 x.w1
*.w12   HTTPS 1 x.w1 port=53
*.w12   NAPTR 1 1 "s" "x" "" _srv.w12
*.w13   TYPE65280 \# 0
*.ent.w14 A 198.51.100.12
*.w15   CNAME *.w1
*.w16   CNAME www.other.test.
; aliases
c1      CNAME c2
c2      CNAME c3
c3      CNAME c4
c4      CNAME c5
c5      CNAME c6
c6      CNAME c7
c7      A   198.51.100.20
l1      CNAME l2
l2      CNAME l3
l3      CNAME l1
inloop  CNAME l1
cself   CNAME cself
cup     CNAME @
cns     CNAME ns1
ccut    CNAME cut1
cbelow  CNAME a.b.cut1
cds     CNAME signedcut
cdn     CNAME d1
cdn2    CNAME x.d2
cdeep   CNAME x.y.d1
cent    CNAME ent
croot   CNAME .
cstar   CNAME *.w1
cout    CNAME cback.other.test.
cbig    CNAME big900
cnx     CNAME x.y.z.nothere
CUPPER  CNAME UPPER
UPPER   A   198.51.100.21
; DNAMEs
d1      DNAME t1
x.t1    A   198.51.100.22
t1      TXT "t1"
y.t1    CNAME x.t1
z.t1    CNAME x.d2
*.t2    A   198.51.100.23
d2      DNAME d1
d3      DNAME d2
d4      DNAME d3
d5      DNAME t2
d6      DNAME w4
d7      DNAME cut1
d8      DNAME nothere
d9      DNAME .
d10     DNAME a.d10
d11     DNAME d12
d12     DNAME d11
d13     DNAME ent
d14     DNAME @
d15     DNAME c1
d16     DNAME other.test.
d17     DNAME aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc.dddddddddddddddddddddddddddddddddddddddddddd
d17     A   198.51.100.24
d18     DNAME d17
d18     MX  1 x.d18
d19     DNAME big
x.y.d20 DNAME t1
mxd     MX  1 x.d1
mxd     MX  2 x.t1
nsd     NS  x.d1
; delegations
cut1    NS  ns.cut1
cut1    NS  ns.out.test.
ns.cut1 A   198.51.100.30
ns.cut1 AAAA 2001:db8:1::30
*.cut1  A   198.51.100.31
c.cut1  CNAME x
a.b.cut1 A  198.51.100.32
cut2    NS  ns.cut1
cut2    NS  ns.cut2
ns.cut2 A   198.51.100.33
cut3    NS  ns1
cut4    NS  ns.out.test.
cut5    NS  cut5
cut5    A   198.51.100.34
deep.er.cut6 NS ns1
deep.er.cut6 NS ns.deep.er.cut6
ns.deep.er.cut6 A 198.51.100.35
cut7    NS  c1
cut8    NS  x.w1
cut9    NS  ent
cut10   NS  ns.cut1
cut10   NS  ns.cut3
ns.cut3 A   198.51.100.36
nested.cut11 NS ns.nested.cut11
cut11   NS  ns.nested.cut11
ns.nested.cut11 A 198.51.100.37
signedcut NS ns.signedcut
signedcut DS 1 13 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB
signedcut DS 2 13 2 59FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB
ns.signedcut A 198.51.100.38
signed2 NS  ns.signed2
signed2 NS  ns.cut1
signed2 DS  3 8 1 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE
ns.signed2 AAAA 2001:db8:1::38
x.y.signed3 NS ns1
x.y.signed3 DS 3 8 1 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE
; names that are only parts of others
a.b.c.ent A 198.51.100.40
1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22.23.24.25.26.27.28.29.30.tree TXT "deep"
; every type
t.a     A   198.51.100.50
t.afsdb AFSDB 1 x.w1
t.aaaa  AAAA 2001:db8:1::50
t.apl   APL 1:192.0.2.0/24 !2:2001:db8::/32
t.apl0  TYPE42 \# 0
t.caa   CAA 128 issuewild ";"
t.cdnskey CDNSKEY 0 3 0 AA==
t.cds   CDS 0 0 0 00
t.cert  CERT PKIX 1 13 AAECAw==
t.csync CSYNC 66 3 A NS AAAA
t.dhcid DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=
t.dlv   TYPE32769 \# 36 00010D02 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB
t.eui48 EUI48 00-11-22-33-44-55
t.eui64 EUI64 00-11-22-33-44-55-66-77
t.hinfo HINFO "a \"quoted\" word" ""
t.hip   TYPE55 \# 11 0402000301020304AABBCC
t.https HTTPS 16 svc mandatory=alpn,port alpn="h2,h3" port=8443 ipv4hint=198.51.100.51 ipv6hint=2001:db8::51
t.https0 HTTPS 0 x.w1
t.ipseckey IPSECKEY 10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==
t.kx    KX  10 ns1
t.l32   TYPE105 \# 6 000A0A010200
t.loc   LOC 42 21 54 N 71 06 18 W -24m 30m
t.lp    LP  10 ns1
t.mb    TYPE7 \# 15 036E73310464656570047465737400
t.mg    TYPE8 \# 15 036E73310464656570047465737400
t.minfo MINFO x.w1 ns1
t.mr    TYPE9 \# 15 036E73310464656570047465737400
t.mx    MX  65535 NS1
t.naptr NAPTR 65535 0 "" "" "" ns1
t.nid   TYPE104 \# 10 000A0014004FFFFF1010
t.ns    NS  t.ns
t.openpgp OPENPGPKEY AAECAwQ=
t.ptr   PTR x.w1
t.rp    RP  . .
t.rt    RT  0 ns1
t.smimea SMIMEA 3 0 0 0001
t.spf   SPF "v=spf1 -all"
t.srv   SRV 0 0 0 .
t.srv2  SRV 0 0 65535 ns1
t.srv2  SRV 0 1 65535 x.cut1
t.srv2  SRV 0 2 65535 c1
t.sshfp SSHFP 1 1 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE
t.svcb  SVCB 1 . key667="hello\210qoo"
t.svcb2 SVCB 2 ns1
t.tlsa  TLSA 0 0 0 00
t.txt   TXT "" "\000\255\"\\" a\ b unquoted
t.txt255 TXT "@@T255@@"
t.uri   URI 10 1 "ftp://ftp1.example.com/public"
t.zonemd ZONEMD 2018031500 1 240 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE
t.type1 TYPE1 \# 4 C6336434
t.type15 TYPE15 \# 5 0001016100
t.type731 TYPE731 \# 6 abcdef01 2345
; more than one type
multi   A   198.51.100.60
multi   AAAA 2001:db8:1::60
multi   MX  1 multi
multi   TXT "multi"
multi   120 SRV 1 1 1 multi
multi   LOC 0 0 0 N 0 0 0 E 0m
multi   TYPE65279 \# 1 00
; odd names
a\.b    A   198.51.100.61
\000    A   198.51.100.62
\255\254 A  198.51.100.63
back\\slash A 198.51.100.64
q\"uote A   198.51.100.65
semi\;colon A 198.51.100.66
par\(en\) A 198.51.100.67
sp\032ace A 198.51.100.68
sp\032ace TXT "sp"
at\@at  A   198.51.100.69
dollar\$ A  198.51.100.70
\042star A  198.51.100.71
x\042.w1 A  198.51.100.72
-dash-  A   198.51.100.73
_under_ A   198.51.100.74
0       A   198.51.100.75
tab\009 A   198.51.100.77
MiXeD.CaSe A 198.51.100.78
*star   A   198.51.100.79
**      A   198.51.100.80
\195\188 TXT "utf-8"
@@LONG@@"""


def long_names(origin):
    """A name of 127 labels, and names of 255 octets."""
    room = 255 - len(origin) - 2
    labels = 127 - origin.count('.') - 1
    many = '.'.join(['a'] * min(labels, room // 2))
    last = room - 64 * 3 - 1
    longest = '.'.join(['l' * 63] * 3 + ['m' * last])
    return (f'{many} A 198.51.100.90\n{longest} A 198.51.100.91\n'
            f'{"k" * 63} TXT "63"\n'
            f'tolong CNAME {longest}\nmxlong MX 1 {longest}\n'
            f'dlong DNAME {longest.split(".", 1)[1]}\n')


def sized():
    """RRsets around the sizes at which answers are cut."""
    lines = []
    for size in (300, 400, 470, 480, 500, 700, 900, 1100, 1180, 1200, 1300, 2000, 4000):
        left, i = size, 0
        while left > 0:
            n = min(left, 250)
            lines.append(f'big{size} TXT "{i:02d}{"y" * max(0, n - 15)}"')
            left, i = left - n, i + 1
        lines.append(f'w.big{size} CNAME big{size}')
        lines.append(f'*.wbig{size} CNAME big{size}')
    for n in (4, 8, 12, 16, 30, 60):
        lines += [f'srv{n} SRV 0 {i} 80 h{i}.srv{n}' for i in range(n)]
        lines += [f'h{i}.srv{n} A 10.4.{n}.{i}' for i in range(n)]
        lines += [f'h{i}.srv{n} AAAA 2001:db8:4:{n:x}::{i:x}' for i in range(0, n, 2)]
    for n in (2, 5, 9, 20):
        lines += [f'del{n} NS ns{i}.del{n}' for i in range(n)]
        lines += [f'del{n} NS ns{i}.other.del{n}' for i in range(n)]
        lines += [f'ns{i}.del{n} A 10.5.{n}.{i}' for i in range(n)]
        lines += [f'ns{i}.del{n} AAAA 2001:db8:5:{n:x}::{i:x}' for i in range(n)]
        lines += [f'fardel{n} NS ns{i}.del{n}' for i in range(n)]
        lines.append(f'secdel{n} DS 7 13 2 {"AB" * 32}')
        lines += [f'secdel{n} NS ns{i}.secdel{n}' for i in range(n)]
        lines += [f'ns{i}.secdel{n} A 10.6.{n}.{i}' for i in range(n)]
    return '\n'.join(lines) + '\n'


PARENT = r"""
$TTL 300
@       SOA ns1 h 1 3600 900 1209600 60
@       NS  ns1
@       NS  ns.child
@       NS  ns1.other.test.
ns1     A   203.0.113.1
child   NS  ns.child
child   NS  ns1
child   DS  5 13 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB
ns.child A  203.0.113.2
old.child A 203.0.113.3
away    NS  ns.away
ns.away A   203.0.113.4
x.lost  A   203.0.113.5
*.lost  TXT "hidden by a zone"
alias   CNAME www.child
alias2  CNAME www.other.test.
alias3  CNAME nothere.child
alias4  CNAME www.grand.child
alias5  CNAME round.child
round   CNAME round.child
alias6  CNAME x.away
dn      DNAME child
dn2     DNAME other.test.
dn3     DNAME grand.child
mx      MX  1 www.child
mx      MX  2 www.other.test.
mx      MX  3 ns.child
*.wild  CNAME x.wild.child
*       A   203.0.113.6
far     NS  www.child
far2    NS  www.other.test.
"""
CHILD = r"""
$TTL 300
@       SOA ns h 1 3600 900 1209600 60
@       NS  ns
@       NS  ns1.family.test.
@       A   203.0.113.20
ns      A   203.0.113.2
www     A   203.0.113.21
www     TXT "child"
grand   NS  ns.grand
grand   NS  ns
ns.grand A  203.0.113.22
grand   DS  6 13 2 59FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB
mx      MX  1 ns1.family.test.
up      CNAME ns1.family.test.
up2     CNAME nothere.family.test.
round   CNAME round.family.test.
*.wild  A   203.0.113.23
dn      DNAME family.test.
"""
LOST = r"""
$TTL 300
@       SOA ns.other.test. h 1 3600 900 1209600 60
@       NS  ns1.other.test.
a.b.c   A   203.0.113.30
*       CNAME c.b
a       DNAME b
"""
OTHER = r"""
$TTL 300
@       SOA ns1 h 1 3600 900 1209600 60
@       NS  ns1
@       NS  ns1.family.test.
ns1     A   203.0.113.40
www     A   203.0.113.41
cback   CNAME ns1.deep.test.
to      CNAME alias.family.test.
to2     CNAME dn.family.test.
sub     NS  ns.child.family.test.
*.w     CNAME alias2.family.test.
"""
TOP = r"""
$TTL 86400
@       SOA a.nic. h.nic. 2026112100 1800 900 604800 86400
@       NS  a.nic.
@       NS  b.nic.
a.nic.  A   203.0.113.50
a.nic.  AAAA 2001:db8:2::50
b.nic.  A   203.0.113.51
com.    NS  a.gtld.net.
com.    NS  b.gtld.net.
com.    DS  5 13 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB
net.    NS  a.gtld.net.
a.gtld.net. A 203.0.113.52
b.gtld.net. A 203.0.113.53
b.gtld.net. AAAA 2001:db8:2::53
arpa.   NS  a.nic.
org.    NS  ns.org.
ns.org. A   203.0.113.54
test.   NS  ns1.other.test.
ns1.other.test. A 203.0.113.55
alias.  CNAME a.nic.
*.wild. TXT "wild"
dn.     DNAME nic.
"""
# SVCB and HTTPS as all can read them; no target has addresses, which not all would add
SERVICES = r"""
$TTL 300
@       SOA ns h 1 3600 900 1209600 60
@       NS  ns
ns      A   203.0.113.60
@       HTTPS 0 other.test.
none    HTTPS 0 .
alias   SVCB 0 many
many    HTTPS 1 . alpn=h2,h3,http/1.1 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=::1,2001:db8::2
many    HTTPS 2 Host port=8443 alpn="h2"
many    HTTPS 3 mail.other.test. ech="AEX+DQBBpQAgACA="
least   SVCB 1 .
most    SVCB 65535 foo.other.test. port=65535
port    SVCB 16 foo port=0
key     SVCB 1 foo.other.test. key667=hello
quote   SVCB 1 foo.other.test. key667="hello\210qoo"
bare    SVCB 1 . key667 key669=""
escape  SVCB 1 . key667="a;b c\"d\\e" key700=a\ b\;c\" key701=x=y key65280="\000\001\255\099"
utf8    SVCB 1 . key667="caf\195\169"
long    SVCB 1 . key667="@@LONG@@"
six     SVCB 1 foo.other.test. (
        ipv6hint="2001:db8::1,2001:db8::53:1"
        )
mapped  SVCB 1 . ipv6hint=2001:db8:122:344::192.0.2.33
order   HTTPS 16 foo.other.test. ( ; from the last to the first
        key65000=z key99=y ipv6hint=::1 ech=AEX+ ipv4hint=192.0.2.1
        port=1 alpn=h2,h3-19
        mandatory=key99,ipv4hint,alpn )
alpn1   SVCB 16 . alpn="f\\\\oo\\,bar,h2"
alpn2   SVCB 16 . alpn=f\\\092oo\092,bar,h2
alpn3   SVCB 16 . alpn=a\097\044bb,\120\\,y,\255\255
alpn4   SVCB 16 . alpn=@@PROTOCOL@@,a
default HTTPS 1 . no-default-alpn mandatory=no-default-alpn,alpn alpn=h3
dohpath SVCB 1 . alpn=h2 key7="/dns-query{?dns}"
ohttp   SVCB 1 . key8 key9="\000\029\000\023"
generic HTTPS \# 9 0001 00 0003 0002 01BB
generic2 TYPE64 \# 9 0001 00 0003 0002 01BB
*.wild  HTTPS 1 x.y alpn="h3,h2" port="443"
"""


def services():
    return SERVICES.replace('@@LONG@@', 'x' * 250).replace('@@PROTOCOL@@', 'p' * 255)


def deep(origin='deep.test'):
    return DEEP.replace(
        '@@T255@@', 'z' * 255).replace('@@LONG@@', '') + long_names(origin) + sized()


WORLDS = {
    'example': {'example.com': EXAMPLE + big_records()},
    'deep': {'deep.test': deep()},
    'family': {'family.test': PARENT, 'child.family.test': CHILD, 'lost.family.test': LOST,
               'other.test': OTHER},
    'services': {'services.test': services()},
    'top': {'.': TOP, 'other.test': OTHER},
}

NSEC3 = ['-3', 'ABCD', '-H', '0']
WAYS = {'plain': None, 'nsec': [], 'nsec3': NSEC3, 'optout': NSEC3 + ['-A']}


# what the signer prints so that not all can read it
UNSIGNABLE = ('t.hip ', 't.mb ', 't.mg ', 't.mr ', 't.nid ', 't.dlv ')


def signable(text):
    """Without that, and without names so long that '*.' has no room before them."""
    return ''.join(line for line in text.splitlines(True) if not (
        line.startswith(UNSIGNABLE) or len(line.split(' ')[0]) > 235))


def world(name, way):
    """Its zones' texts."""
    how = WAYS[way]
    if how is None:
        return WORLDS[name]
    return {origin: Signed(signable(text), origin, how, 'bind').text
            for origin, text in WORLDS[name].items()}


def owners(name):
    """Every name in a world, absolute, as its files spell it."""
    found = []
    for origin, text in WORLDS[name].items():
        end = '.' + origin if origin != '.' else '.'
        for line in text.splitlines():
            if line and line[0] not in ' \t$;':
                first = line.split()[0]
                absolute = first.endswith('.') and not first.endswith('\\.')
                found.append(origin if first == '@' else first if absolute else first + end)
    return list(dict.fromkeys(x if x.endswith('.') else x + '.' for x in found))
