package dev.dunlin.examples;

import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@NoLeaks
@Timeout(120)
final class NetBoardTest {

  @Test
  void a_guest_gets_its_address_and_an_answer_through_the_cpus_own_thread() throws Exception {
    try (NetBoard board = new NetBoard()) {
      Await.until("its router answers", board::isOnline);
    }
  }

  @Test
  void the_adapter_stays_under_a_hundred_lines_of_code() throws Exception {
    CodeLines.assertFewerThan(100, "NetBoard");
  }
}
