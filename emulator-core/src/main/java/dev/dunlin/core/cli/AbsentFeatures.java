package dev.dunlin.core.cli;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Map;
import java.util.Optional;

/**
 * Options that QEMU 7.2 has and Dunlin can't have, and why: a user who brings a command line from
 * QEMU learns more than that an option is invalid.
 */
final class AbsentFeatures {
  private static final ImmutableMap<String, ImmutableSet<String>> BY_REASON =
      ImmutableMap.of(
          "this machine has no block devices",
          ImmutableSet.of(
              "hda",
              "hdb",
              "hdc",
              "hdd",
              "cdrom",
              "fda",
              "fdb",
              "drive",
              "blockdev",
              "mtdblock",
              "sd",
              "pflash",
              "fsdev",
              "virtfs",
              "iscsi"),
          "Dunlin runs no guest code by itself: the CPU belongs to the VMM that embeds it",
          ImmutableSet.of(
              "accel",
              "cpu",
              "smp",
              "enable-kvm",
              "icount",
              "kernel",
              "append",
              "initrd",
              "dtb",
              "gdb",
              "s",
              "singlestep",
              "numa",
              "semihosting",
              "semihosting-config",
              "seed",
              "d",
              "D",
              "dfilter",
              "overcommit",
              "boot",
              "rtc",
              "watchdog",
              "watchdog-action",
              "preconfig"),
          "this machine has no display, keyboard or sound",
          ImmutableSet.of(
              "vnc",
              "spice",
              "sdl",
              "gtk",
              "curses",
              "full-screen",
              "g",
              "k",
              "audiodev",
              "audio",
              "audio-help",
              "soundhw",
              "win2k-hack",
              "alt-grab",
              "ctrl-grab",
              "portrait",
              "rotate",
              "no-quit"),
          "this machine has no such device",
          ImmutableSet.of(
              "usb",
              "usbdevice",
              "tpmdev",
              "smbios",
              "acpitable",
              "fw_cfg",
              "debugcon",
              "virtioconsole",
              "prom-env",
              "no-hpet"),
          "use the host's own tools for this",
          ImmutableSet.of("daemonize", "runas", "chroot", "sandbox", "readconfig", "writeconfig"));

  private AbsentFeatures() {}

  static Optional<String> reasonFor(String option) {
    return BY_REASON.entrySet().stream()
        .filter(entry -> entry.getValue().contains(option))
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
