package dev.dunlin.core.posix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class HostUsersTest {

  @Test
  void we_are_who_id_says_we_are() throws Exception {
    assertEquals(id("-u"), Integer.toString(HostUsers.effectiveUid()));
    assertEquals(id("-g"), Integer.toString(HostUsers.effectiveGid()));
    assertEquals(Optional.of(id("-un")), HostUsers.nameOf(HostUsers.effectiveUid()));
  }

  private static String id(String option) throws Exception {
    Process process = new ProcessBuilder("id", option).start();
    return new String(process.getInputStream().readAllBytes(), UTF_8).trim();
  }
}
