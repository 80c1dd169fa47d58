package dev.dunlin.core.monitor.builtin;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.collect.ImmutableList;
import dev.dunlin.testing.HmpClient;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.RealQemu;
import dev.dunlin.testing.RequiresPeer;
import dev.dunlin.testing.TempDirs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/**
 * The same lines typed at a real QEMU and here; every answer must be the same, letter for letter.
 *
 * <p>Differences that are meant, and so are not among the lines: the greeting and {@code info
 * version} name Dunlin; {@code help} and {@code info} list what is there; {@code info mtree} has no
 * I/O space; {@code chardev-add} with an id that is taken says which id, where QEMU speaks of a
 * container's property; option mistakes in {@code chardev-add} are one line, QEMU's two.
 */
@RequiresPeer("qemu-system-x86_64")
@NoLeaks
final class HmpWordsPeerTest {
  /** D is a directory of the test's own. */
  private static final ImmutableList<String> LINES =
      ImmutableList.of(
          // Run state.
          "info status",
          "stop",
          "info status",
          "c",
          "info status",
          "cont",
          "s",
          "info status",
          "system_reset",
          "info status",
          "system_powerdown",
          // Commands that aren't there, and odd spelling.
          "nosuch",
          "  nosuch foo",
          "info nosuch",
          "info  nosuch",
          "info stat",
          "migrat",
          "info/x",
          "stop/x",
          "\"stop\"",
          "stop;cont",
          "   ",
          "",
          "  stop now",
          "s now",
          "cont extra",
          "quit now",
          "info status extra",
          "info name x",
          // Help.
          "help quit",
          "help q",
          "help stop x",
          "help help",
          "help ?",
          "help info status",
          "help info nosuch",
          "help nosuch",
          "help \"stop",
          "help pmemsave",
          "help memsave",
          "help getfd",
          "help closefd",
          "help system_reset",
          "help system_powerdown",
          "help x",
          "help xp",
          "help print",
          "help sum",
          "help chardev-add",
          "help chardev-remove",
          "help ringbuf_read",
          "help ringbuf_write",
          "help info name",
          "help info uuid",
          "help info version",
          "help info history",
          "help info chardev",
          "help info ramblock",
          "help info memory_size_summary",
          "help info cpus",
          // What the machine is.
          "info name",
          "info uuid",
          "info cpus",
          "info ramblock",
          "info memory_size_summary",
          // Expressions.
          "p 1+2*3",
          "p 1|2+4",
          "p 2+1&3",
          "p 2*3&7",
          "p 6&3|8",
          "p 6^3",
          "p 1-2-3",
          "p 100/7%4",
          "p -5/2",
          "p -1 % 3",
          "p +5",
          "p - 5",
          "p --5",
          "p ~1",
          "p (1+2)*3",
          "p ( 1 + 2 ) * 3",
          "p ((1)",
          "p (1",
          "p )",
          "p 7 / 0",
          "p 7 % 0",
          "p 'a'",
          "p 'a' + 1",
          "p 'a",
          "p '",
          "p ''",
          "p '\\n'",
          "p $eax",
          "p $",
          "p 5$",
          "p \"5\"",
          "p 010",
          "p 08",
          "p 0x",
          "p 0xg",
          "p 0x1F",
          "p 0X1f",
          "p 18446744073709551615",
          "p 18446744073709551616",
          "p 99999999999999999999",
          "p 0x7fffffffffffffff + 1",
          "p 1 2",
          "p 5 -3",
          "p 1 +",
          "p a",
          "p",
          "p 1.5",
          // Formats, which the next command inherits.
          "p /x 255",
          "p /x 0",
          "p /x -1",
          "p 3",
          "p /o 8",
          "p /o 0",
          "p /d -1",
          "p 7",
          "p /u -1",
          "p /c 65",
          "p /c 10",
          "p /c 39",
          "p /c 92",
          "p /c 200",
          "p /i 3",
          "p /x",
          "p /xd 20",
          "p/x 20",
          "p/4x 20",
          "p /b 1",
          "p /w 300",
          "p /zz 0",
          "p /4",
          "p /x 1",
          // Memory.
          "xp 0",
          "xp /4xw 0",
          "xp /3xb 0xff",
          "xp/2c 0",
          "xp /8cb 0",
          "xp /2cw 0",
          "xp /20c 0",
          "xp /3o 0",
          "xp /3ob 0",
          "xp /3dh 0",
          "xp /3ug 0",
          "xp /2xg 0",
          "xp /5xh 8",
          "xp /9xb 0",
          "xp /0xb 0",
          "xp /2i 0",
          "xp 0",
          "xp /2xw 0",
          "xp /q 0",
          "xp /4 0",
          "xp",
          "xp /4",
          "xp 0x200000",
          "xp /4xw 0xffff8",
          "xp /8xb 0xffffc",
          "xp /12xb 0xffff8",
          "xp /2xw -8",
          "xp /2xw 0xfffffffffffffffc",
          "x /4 0",
          "x",
          "x /2i 0",
          "sum 0 16",
          "sum 0xfffff 4",
          "sum 0 0",
          "sum",
          "sum 0",
          "sum 99999999999 1",
          "pmemsave",
          "pmemsave 0",
          "pmemsave 0 16",
          "pmemsave 0 16 /tmp/x",
          "pmemsave 0 16 \"D/saved\"",
          "pmemsave 0x200000 16 \"D/saved\"",
          "pmemsave 0 0 \"D/saved\"",
          "pmemsave 0 16 \"D/no/such\"",
          "pmemsave 0 16 \"D\"",
          "pmemsave 0 99999999999 \"D/saved\"",
          "pmemsave 0 16 \"a",
          "pmemsave 0 16 \"a\\qb\"",
          "memsave 0 16 \"D/saved\"",
          "memsave",
          // Descriptors.
          "getfd x",
          "getfd",
          "getfd a b",
          "closefd x",
          "closefd",
          // Character devices.
          "chardev-add",
          "chardev-add null",
          "chardev-add null,id=a",
          "chardev-add nosuch,id=x",
          "chardev-add file,id=z",
          "chardev-add file,id=z,path=D/no/such",
          "chardev-add pipe,id=z",
          "chardev-add pipe,id=z,path=D/nosuch",
          "chardev-add socket,id=z,path=D/nosuch",
          "chardev-add socket,id=z,host=127.0.0.1",
          "chardev-add socket,id=z,path=D/no/such,server=on,wait=off",
          "chardev-add socket,id=z,path=D/s,wait=off",
          "chardev-add socket,id=z,path=D/s,server=on,reconnect=3",
          "chardev-add socket,id=z,fd=nosuch",
          "chardev-add socket,id=z,fd=77",
          "chardev-add ringbuf,id=z,size=5",
          "chardev-remove a",
          "chardev-remove a",
          "chardev-remove",
          "chardev-add ringbuf,id=r",
          "ringbuf_write r hello",
          "ringbuf_read r 3",
          "ringbuf_read r 100",
          "ringbuf_write r \"a\\nb\\\\\"",
          "ringbuf_read r 9",
          "ringbuf_read r 9",
          "ringbuf_read x 9",
          "ringbuf_write x 9",
          "ringbuf_read r 99999999999",
          "chardev-remove r",
          "chardev-add socket,id=y,path=D/y,server=on,wait=off",
          "chardev-remove y",
          "info chardev");

  @Test
  void every_line_is_answered_as_a_real_qemu_answers_it() throws Exception {
    Path directory = TempDirs.create("words");
    try (RealQemu qemu = startQemu(directory);
        HmpClient theirs = HmpClient.connect(directory.resolve("mon"));
        MonitorBench bench = MonitorBench.start("monitor", monitorOf(directory.resolve("our")));
        HmpClient ours = HmpClient.connect(directory.resolve("our"))) {
      assertEquals("prelaunch", qemu.status());
      assertEquals(-1, bench.emulator().exitStatus());
      List<Executable> checks = new ArrayList<>();
      for (String line : LINES) {
        String typed = line.replace("D", directory.toString());
        String expected = compatible(theirs.command(typed));
        String actual = compatible(ours.command(typed));
        checks.add(() -> assertEquals(expected, actual, typed));
      }
      assertAll(checks);
    } finally {
      TempDirs.delete(directory);
    }
  }

  /** QEMU has its QMP monitor, which RealQemu opens first; the socket's name is its own. */
  private static String compatible(String said) {
    return said.replaceAll("compat_monitor\\d: filename=unix:\\S*/qmp,server=on\n", "")
        .replaceAll("compat_monitor\\d: filename=unix:\\S*,server=on\n", "OWN MONITOR\n");
  }

  static RealQemu startQemu(Path directory) {
    List<String> words = new ArrayList<>(MonitorBench.QEMU_EQUIVALENT);
    words.add("-monitor");
    words.add(monitorOf(directory.resolve("mon")));
    return RealQemu.start(words.toArray(new String[0]));
  }

  static String monitorOf(Path socket) {
    return "unix:" + socket + ",server=on,wait=off";
  }
}
