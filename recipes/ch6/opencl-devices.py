"""Show the platforms and devices of OpenCL: the Python twin of ch6.opencl-devices, with pyopencl."""
# requires: pyopencl
# compare: no ratio: nearly all the time is that of the drivers
import argparse
import os
import platform

import pyopencl

KINDS = ((pyopencl.device_type.GPU, "GPU"), (pyopencl.device_type.CPU, "CPU"), (pyopencl.device_type.ACCELERATOR, "accelerator"))


def show_platform(p):
    print(f"Platform - Name: {p.name.strip()}")
    print(f"Platform - Vendor: {p.vendor.strip()}")
    print(f"Platform - Version: {p.version.strip()}")
    print(f"Platform - Profile: {p.profile.strip()}")


def show_device(name, kind, clock, units, local, constant, memory, buffer, group):
    print(f"    Device - Name: {name}")
    print(f"    Device - Type: {kind}")
    print(f"    Device - Max Clock Speed: {clock} MHz")
    print(f"    Device - Compute Units: {units}")
    print(f"    Device - Local Memory: {local >> 10} KB")
    print(f"    Device - Constant Memory: {constant >> 10} KB")
    print(f"    Device - Global Memory: {memory >> 20} MB")
    print(f"    Device - Max Buffer Size: {buffer >> 20} MB")
    print(f"    Device - Max Work Group Size: {group}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="nothing here is random; all twins have this flag")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    parser.parse_args()
    try:
        platforms = sorted(pyopencl.get_platforms(), key=lambda p: (p.name, p.version))
        why = "its drivers have none"
    except pyopencl.Error as error:  # no platform, which is an error here
        platforms, why = [], str(error)
    devices = [(p, p.get_devices()) for p in platforms]
    devices = [(p, found) for p, found in devices if found]
    print(f"{len(devices)} platform(s) of OpenCL with {sum(len(found) for _, found in devices)} device(s)")
    number = 0
    for p, found in devices:
        show_platform(p)
        for d in found:
            kind = next((name for bit, name in KINDS if d.type & bit), "")
            show_device(
                f"{d.name.strip()} (opencl:{number})", kind, d.max_clock_frequency, d.max_compute_units, d.local_mem_size,
                d.max_constant_buffer_size, d.global_mem_size, d.max_mem_alloc_size, d.max_work_group_size)
            number += 1
    if number == 0:
        print(f"no device of OpenCL: {why}")
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
        show_device(f"{platform.machine()} (cpu)", "CPU", 0, os.cpu_count(), 0, 0, memory, memory, 1)


if __name__ == "__main__":
    main()
