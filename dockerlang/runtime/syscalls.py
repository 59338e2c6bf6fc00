"""Numbers of the system calls that a container's process is denied, on the machines that we know.

The choice is docker's: what its default profile does not allow without an additional capability. The numbers are the
kernel's (`unistd.h` of each architecture); riscv64 has the generic ones, which are those of aarch64.
"""

from __future__ import annotations

from dockerlang.records import record

_ONCE_OF_SYS_ADMIN = frozenset({"BPF", "PERFMON", "SYSLOG"})


@record
class DeniedCall:
    """A system call, its number by machine, and the capability that allows it (empty: nothing does)."""

    name: str
    numbers: dict[str, int]
    capability: str

    def is_open_to(self, capabilities: frozenset[str]) -> bool:
        """Whether a process with these capabilities may make the call; what was once SYS_ADMIN's still is as well."""
        allowing = {self.capability, "SYS_ADMIN"} if self.capability in _ONCE_OF_SYS_ADMIN else {self.capability}
        return bool(allowing & capabilities)


def denied_calls() -> tuple[DeniedCall, ...]:
    """The table below as values."""
    lines = _TABLE.split("\n")
    machines = lines[0].split()[1:-1]
    calls = []
    for line in lines[1:]:
        name, *numbers, capability = line.split()
        known = {machine: int(number) for machine, number in zip(machines, numbers, strict=True) if number != "-"}
        calls.append(DeniedCall(name, known, "" if capability == "-" else capability))
    return tuple(calls)


CLONE = {"x86_64": 56, "i386": 120, "aarch64": 220, "arm": 120}
CLONE3 = 435
PERSONALITY = {"x86_64": 135, "i386": 136, "aarch64": 92, "arm": 136}
SOCKET = {"x86_64": 41, "i386": 359, "aarch64": 198, "arm": 281}

FIRST_UNKNOWN = 467
"""The first number that nobody has judged: since 403 calls have the same numbers on all machines, one after the other.

docker's profile ends in the same place, and what lies behind is for its runtime a call that this kernel does not have.
"""
FIRST_OF_ARM = 0xF0000
"""From here on are calls that only 32-bit ARM has, older than the common numbering."""

DENIED_FAMILIES = (12, 19, 20, 23, 25, 34, 37, 38, 40)
"""Kinds of sockets (DECnet, Econet, ATM, IrDA, WAN, ISDN, CAIF, the kernel's ciphers, and virtual machines).

Hardly anybody looks after most of them; `AF_ALG` (38) led from a container to root in 2026, and `AF_VSOCK` (40) leads
to the host of a virtual machine.
"""
FIRST_UNKNOWN_FAMILY = 46

HARMLESS_PERSONALITIES = (0, 0x8, 0x20000, 0x20008, 0xFFFFFFFF)
"""PER_LINUX, UNAME26 and their union with PER_LINUX32, and the question "which one is it now?"."""

_TABLE = """\
name                    x86_64 i386 aarch64 arm capability
acct                       163   51      89  51 SYS_PACCT
add_key                    248  286     217 309 -
bpf                        321  357     280 386 BPF
clock_settime              227  264     112 262 SYS_TIME
clock_settime64              -  404       - 404 SYS_TIME
create_module              174  127       -   - SYS_MODULE
delete_module              176  129     106 129 SYS_MODULE
fanotify_init              300  338     262 367 SYS_ADMIN
finit_module               313  350     273 379 SYS_MODULE
fsconfig                   431  431     431 431 SYS_ADMIN
fsmount                    432  432     432 432 SYS_ADMIN
fsopen                     430  430     430 430 SYS_ADMIN
fspick                     433  433     433 433 SYS_ADMIN
get_kernel_syms            177  130       -   - -
get_mempolicy              239  275     236 320 SYS_NICE
init_module                175  128     105 128 SYS_MODULE
io_uring_enter             426  426     426 426 -
io_uring_register          427  427     427 427 -
io_uring_setup             425  425     425 425 -
ioperm                     173  101       -   - SYS_RAWIO
iopl                       172  110       -   - SYS_RAWIO
kcmp                       312  349     272 378 SYS_PTRACE
kexec_file_load            320    -     294 401 -
kexec_load                 246  283     104 347 -
keyctl                     250  288     219 311 -
lookup_dcookie             212  253      18 249 SYS_ADMIN
lsm_get_self_attr          459  459     459 459 SYS_ADMIN
lsm_list_modules           461  461     461 461 SYS_ADMIN
lsm_set_self_attr          460  460     460 460 SYS_ADMIN
mbind                      237  274     235 319 SYS_NICE
migrate_pages              256  294     238 400 -
mount                      165   21      40  21 SYS_ADMIN
mount_setattr              442  442     442 442 SYS_ADMIN
move_mount                 429  429     429 429 SYS_ADMIN
move_pages                 279  317     239 344 -
nfsservctl                 180  169      42 169 -
open_by_handle_at          304  342     265 371 DAC_READ_SEARCH
open_tree                  428  428     428 428 SYS_ADMIN
perf_event_open            298  336     241 364 PERFMON
pidfd_getfd                438  438     438 438 SYS_PTRACE
pivot_root                 155  217      41 218 -
process_madvise            440  440     440 440 SYS_PTRACE
query_module               178  167       -   - -
quotactl                   179  131      60 131 SYS_ADMIN
quotactl_fd                443  443     443 443 SYS_ADMIN
reboot                     169   88     142  88 SYS_BOOT
request_key                249  287     218 310 -
set_mempolicy              238  276     237 321 SYS_NICE
set_mempolicy_home_node    450  450     450 450 SYS_NICE
setdomainname              171  121     162 121 SYS_ADMIN
sethostname                170   74     161  74 SYS_ADMIN
setns                      308  346     268 375 SYS_ADMIN
settimeofday               164   79     170  79 SYS_TIME
stime                        -   25       -   - SYS_TIME
swapoff                    168  115     225 115 -
swapon                     167   87     224  87 -
sysfs                      139  135       - 135 -
syslog                     103  103     116 103 SYSLOG
umount                       -   22       -   - SYS_ADMIN
umount2                    166   52      39  52 SYS_ADMIN
unshare                    272  310      97 337 SYS_ADMIN
uselib                     134   86       -  86 -
userfaultfd                323  374     282 388 -
ustat                      136   62       -  62 -
vhangup                    153  111      58 111 SYS_TTY_CONFIG
vm86                         -  166       -   - -
vm86old                      -  113       -   - -
vserver                    236  273       - 313 -"""
