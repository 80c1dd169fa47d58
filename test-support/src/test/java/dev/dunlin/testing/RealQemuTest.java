package dev.dunlin.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

@RequiresPeer("qemu-system-x86_64")
@NoLeaks
final class RealQemuTest {
  @Test
  void a_paused_machine_is_asked_and_hashed() {
    try (RealQemu qemu = RealQemu.start("-M", "none", "-m", "1", "-S")) {
      assertEquals("prelaunch", qemu.status());
      assertEquals(Sha256.of(new byte[4096]), qemu.sha256(0, 4096));
      assertEquals("VM status: paused (prelaunch)\r\n", qemu.qmp().human("info status"));
    }
  }
}
