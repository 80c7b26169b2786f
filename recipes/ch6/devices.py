"""Ask this machine for its devices: the Python twin of ch6.devices, with pyopencl, and with what PyCUDA calls below."""
# requires: pyopencl
# compare: no ratio: nearly all the time is that of the drivers, which differ in what they prepare for whom
import argparse
import ctypes
import os
import platform

import pyopencl


def processor():
    """The processor itself, which Go can use as a device."""
    name = platform.machine()
    try:
        with open("/proc/cpuinfo") as info:
            name = next(line.split(":", 1)[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        memory = 0
    return f"{name} (cpu)", f"none (Python {platform.python_version()})", memory


def opencl():
    try:
        platforms = pyopencl.get_platforms()
    except pyopencl.Error as error:  # no driver, which is an error here
        return [], f"no device of opencl: {error}"
    devices = [device for p in sorted(platforms, key=lambda p: p.name) for device in p.get_devices()]
    found = [(f"{d.name.strip()} (opencl:{n})", f"none ({d.version.strip()})", d.global_mem_size) for n, d in enumerate(devices)]
    return found, "" if found else "no device of opencl: its drivers have none"


def cuda():
    """What pycuda.driver does: init, Device.count, name, compute_capability, total_memory."""
    try:
        lib = ctypes.CDLL("libcuda.so.1")
    except OSError as error:
        return [], f"no device of cuda: {error}"
    count = ctypes.c_int()
    code = lib.cuInit(0) or lib.cuDeviceGetCount(ctypes.byref(count))
    if code != 0 or count.value == 0:
        return [], f"no device of cuda: the driver says {code}"
    found = []
    for n in range(count.value):
        device, major, minor, memory = ctypes.c_int(), ctypes.c_int(), ctypes.c_int(), ctypes.c_size_t()
        name = ctypes.create_string_buffer(256)
        lib.cuDeviceGet(ctypes.byref(device), n)
        lib.cuDeviceGetName(name, len(name), device)
        lib.cuDeviceGetAttribute(ctypes.byref(major), 75, device)
        lib.cuDeviceGetAttribute(ctypes.byref(minor), 76, device)
        lib.cuDeviceTotalMem_v2(ctypes.byref(memory), device)
        found.append((f"{name.value.decode()} (cuda:{n})", f"{major.value}.{minor.value}", memory.value))
    return found, ""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="nothing here is random; all twins have this flag")
    parser.add_argument("--speed", default="20", help="no pauses here; all twins have this flag")
    parser.parse_args()
    found, missing = [processor()], []
    for ask in opencl, cuda:
        devices, why = ask()
        found += devices
        missing += [why] if why else []
    print(f"{len(found)} device(s) found.")
    for n, (name, capability, memory) in enumerate(found):
        print(f"Device #{n}: {name}")
        print(f"Compute Capability: {capability}")
        print(f"Total Memory: {memory // 1024} KB")
    for why in missing:
        print(why)


if __name__ == "__main__":
    main()
