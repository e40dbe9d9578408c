"""Texts with the shape of a secret. None of them is one: they are made up or from documentation."""

TUNED = """\
eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N
5d41402abc4b2a76b9719d911017c592
da39a3ee5e6b4b0d3255bfef95601890afd80709
deadbeefcafebabe
c2VjcmV0LXZhbHVlLWhlcmUtMTIzNDU2Nzg5MA==
dGhpc2lzYXNlY3JldA==
AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY
ya29.a0AfH6SMBx7Yz3Qk9vWtR5pLm
1//0gLx9uVbqzR4tCgYIARAAGBASNwF
AccountKey=Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA==
SharedAccessSignature=sr%3Dns&sig=abc123
DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=abcd1234
xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy
xoxp-123456-abcdef12345
xapp-1-A012ABC-3456-deadbeef
https://hooks.slack.com/services/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
sk_live_4eC39HqLyjWDarjtT1zdp7dc
rk_test_51H8a7fKx9Q2
pk_live_TYooMQauvdEDq54NiTphI7jx
whsec_5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH
ghp_16C7e42F292c6912E7710c838347Ae178B4a
github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz
gho_abcdefGHIJKL1234567890abcdefGHIJ
npm_aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789
pypi-AgEIcHlwaS5vcmcCJDAwMDAwMDAw
glpat-xyz_1234ABCDefgh5678
MIIEowIBAAKCAQEAtYx7
-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmU
sessionid=38afes7a8
PHPSESSID=298zf09hf012fh2
connect.sid=s%3AaBcD.efGh
JSESSIONID=0A1B2C3D4E5F
Basic dXNlcjpwYXNz
Authorization: Basic YWxhZGRpbjpvcGVu
Bearer mF_9.B5f-4.1JqM
Authorization: Bearer abc.def
postgresql://shop:s3cret@db:5432/prod
redis://:hunter2@cache:6379/0
amqp://guest:guest@mq//
mongodb+srv://u:p@cluster.example.net/x
Server=db;User Id=sa;Password=hunter2;
host=db user=shop password=hunter2
jdbc:mysql://db/x?user=root&password=pw
https://user:pass@host/x
https://0123456789abcdef@o1.ingest.sentry.io/42
+49 170 1234567
+1-202-555-0143
(202) 555-0143
202-555-0143
0049 170 1234567
user:alice@example.com
alice@example.com
mailto:bob.smith+shop@mail.example.co.uk
alice%40example.com
4111 1111 1111 1111
4111111111111111
DE89 3704 0044 0532 0130 00
123-45-6789
f81d4fae-7dec-11d0-a765-00a0c91e6bf6
{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}
cart:f81d4fae7dec11d0a76500a0c91e6bf6
AKIAIOSFODNN7EXAMPLE
wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
SG.ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf
AC0123456789abcdef0123456789abcdef
key-3ax6xnjp29jd6fds4gc373sgvjxteol0
hunter2$hunter
S3cret!pass
Tr0ub4dor&3
correct-horse-battery-staple-9!
""".splitlines()
"""The rules were made with these."""

HELD_OUT = """\
hvs.CAESIJ1a2b3c4d5e6f7g8h9i0j
hf_aBcDeFgHiJkLmNoPqRsTuVwXyZ012345
dop_v1_5f3c0a1b2d4e6f7a8b9c0d1e2f3a4b5c
shpat_0123456789abcdef0123456789abcdef
EAACEdEose0cBA1234567890ZCdefG
sq0atp-abcDEF123456ghiJKL7890
eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.e30.
rzp_live_1a2B3c4D5e6F7g
AGE-SECRET-KEY-1QQPQZ7E9L8S
PuTTY-User-Key-File-2: ssh-rsa
Digest username="alice", response="6629fae49393a05397450978507c4ef1"
mysql://root:toor@localhost/db
Data Source=db;User=sa;Pwd=pw123;
ldap://cn=admin:pw@ldap.example.com
api_key: 9f8e7d6c
secret_key_base=aa11bb22
refresh_token=1/fFAGRNJru1FTz70BzhT3Zg
session:Zx81kQpL0vTtR2mN
sid:s%3Aj1k2l3m4n5o6p7q8
csrftoken=QkZ8w1
+33 6 12 34 56 78
030 12345678901
customer/bob@shop.example.org/cart
"Bob" <bob@example.org>
FR76 3000 6000 0112 3456 7890 189
5500-0000-0000-0004
078-05-1120
6ba7b810-9dad-11d1-80b4-00c04fd430c8
user-6ba7b810-9dad-11d1-80b4-00c04fd430c8
P@ssw0rd
qwerty123!
1234567890
0x9f86d081884c7d659a2feaa0c55ad015
sha256:9f86d081884c7d659a2feaa0c55ad015
AQoDYXdzEJr1K5EXAMPLE7vVbq
LTAI4FoLmMeeJP3EXAMPLE
t-g1044QeGEOYBZ0
AAAAB3NzaC1yc2EAAAADAQABAAABAQ
https://x.blob.core.windows.net/c?sv=2020&sig=a%2Fb
oauth2:ya29.A0ARrdaM9
""".splitlines()
"""No rule was made with these: what is missed here is told, and stays so."""
