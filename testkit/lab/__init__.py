"""The lab: what every capture of the test kit is made with.

net        a network of our own, with loopback addresses and free ports
process    one peer as a process, with its log and a time limit
pki        certificates that are wrong in one chosen way
record     tcpdump around a case
container  captures as files: pcapng with the key log, and other forms
table      tables of labels as TOML
label      what a label may say, and where it stands
case       one case: processes, recording, key log, label
"""
