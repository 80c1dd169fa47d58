package dev.dunlin.core.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.loop.FdEvents;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EpollPollerTest {
  private EpollPoller poller;
  private Pipe pipe;

  @BeforeEach
  void open() throws PosixException {
    poller = EpollPoller.open();
    pipe = Pipe.open();
  }

  @AfterEach
  void close() {
    pipe.close();
    poller.close();
  }

  @Test
  void readiness_comes_under_its_token_and_stays_until_served() throws PosixException {
    long token = 0x1122334455667788L;
    poller.add(pipe.readEnd().number(), token, FdEvents.READ);
    assertEquals(Map.of(), pollNow());
    pipe.writeEnd().write(ByteBuffer.wrap(new byte[1]));
    assertEquals(Map.of(token, FdEvents.READ), pollNow());
    assertEquals(Map.of(token, FdEvents.READ), pollNow());
    pipe.readEnd().read(ByteBuffer.allocate(1));
    assertEquals(Map.of(), pollNow());
  }

  @Test
  void several_events_of_one_round_keep_their_own_tokens() throws PosixException {
    List<Pipe> pipes = new ArrayList<>();
    Map<Long, FdEvents> expected = new TreeMap<>();
    for (long token = 1; token <= 60; token++) {
      Pipe each = Pipe.open();
      pipes.add(each);
      poller.add(each.writeEnd().number(), token << 32 | token, FdEvents.WRITE);
      expected.put(token << 32 | token, FdEvents.WRITE);
    }
    assertEquals(expected, pollNow());
    pipes.forEach(Pipe::close);
  }

  @Test
  void hang_up_is_reported_with_any_interest_but_none() throws PosixException {
    int fd = pipe.readEnd().number();
    poller.add(fd, 1, FdEvents.HANGUP);
    pipe.writeEnd().close();
    assertEquals(Map.of(1L, FdEvents.HANGUP), pollNow());
    poller.modify(fd, 1, FdEvents.NONE);
    assertEquals(Map.of(), pollNow());
    poller.modify(fd, 1, FdEvents.READ);
    assertEquals(Map.of(1L, FdEvents.HANGUP), pollNow());
  }

  @Test
  void files_and_the_null_device_are_always_ready_for_what_is_asked() throws PosixException {
    try (Fd file = Fd.open("/etc/passwd", Fcntl.O_RDONLY, 0);
        Fd nothing = Fd.open("/dev/null", Fcntl.O_RDWR, 0)) {
      poller.add(file.number(), 1, FdEvents.READ);
      poller.add(nothing.number(), 2, FdEvents.READ_WRITE);
      assertEquals(Map.of(1L, FdEvents.READ, 2L, FdEvents.READ_WRITE), poll(-1));
      poller.modify(file.number(), 1, FdEvents.NONE);
      assertEquals(Map.of(2L, FdEvents.READ_WRITE), poll(-1));
      poller.modify(nothing.number(), 2, FdEvents.WRITE);
      assertEquals(Map.of(2L, FdEvents.WRITE), poll(-1));
      poller.remove(nothing.number(), 2);
      poller.remove(file.number(), 1);
      assertEquals(Map.of(), pollNow());
    }
  }

  @Test
  void a_file_that_is_always_ready_does_not_hide_the_others() throws PosixException {
    try (Fd file = Fd.open("/etc/passwd", Fcntl.O_RDONLY, 0)) {
      poller.add(file.number(), 1, FdEvents.READ);
      poller.add(pipe.writeEnd().number(), 2, FdEvents.WRITE);
      assertEquals(Map.of(1L, FdEvents.READ, 2L, FdEvents.WRITE), poll(-1));
    }
  }

  @Test
  void a_watch_removed_by_an_earlier_handler_of_the_round_is_not_reported_as_ready_anyway()
      throws PosixException {
    try (Fd one = Fd.open("/dev/null", Fcntl.O_RDONLY, 0);
        Fd two = Fd.open("/dev/null", Fcntl.O_RDONLY, 0)) {
      poller.add(one.number(), 1, FdEvents.READ);
      poller.add(two.number(), 2, FdEvents.READ);
      List<Long> seen = new ArrayList<>();
      poller.poll(
          -1,
          (token, events) -> {
            seen.add(token);
            poller.remove(two.number(), 2);
          });
      assertEquals(List.of(1L), seen);
    }
  }

  @Test
  void a_reused_number_has_a_token_of_its_own() throws PosixException {
    Fd first = pipe.readEnd().duplicate();
    int number = first.number();
    poller.add(number, 1, FdEvents.READ);
    poller.remove(number, 1);
    first.close();
    try (Fd second = Fd.owning(pipe.readEnd().fcntl(Fcntl.F_DUPFD_CLOEXEC, number))) {
      assertEquals(number, second.number());
      poller.add(number, 2, FdEvents.READ);
      pipe.writeEnd().write(ByteBuffer.wrap(new byte[1]));
      assertEquals(Map.of(2L, FdEvents.READ), pollNow());
      poller.remove(number, 2);
    }
  }

  @Test
  void a_second_watch_of_one_number_is_refused() {
    poller.add(pipe.readEnd().number(), 1, FdEvents.READ);
    UncheckedIOException e =
        assertThrows(
            UncheckedIOException.class,
            () -> poller.add(pipe.readEnd().number(), 2, FdEvents.READ));
    PosixException cause = assertInstanceOf(PosixException.class, e.getCause());
    assertEquals(Errno.EEXIST, cause.errno());
  }

  @Test
  void a_descriptor_closed_before_its_watch_is_survived() throws PosixException {
    Fd copy = pipe.readEnd().duplicate();
    int number = copy.number();
    poller.add(number, 1, FdEvents.READ);
    copy.close();
    poller.remove(number, 1);
    assertEquals(Map.of(), pollNow());
  }

  @Test
  void wakeup_ends_a_wait_that_has_begun_and_the_one_to_come() throws Exception {
    poller.wakeup();
    assertEquals(Map.of(), poll(-1));
    Thread waiter = new Thread(() -> poll(-1));
    waiter.start();
    while (waiter.getState() != Thread.State.TERMINATED) {
      poller.wakeup();
      waiter.join(10);
    }
  }

  @Test
  void wakeup_after_close_touches_nobody() {
    poller.close();
    poller.wakeup();
    assertThrows(IllegalStateException.class, () -> poll(0));
  }

  @Test
  void events_are_packed_on_x86_and_aligned_elsewhere() {
    assertTrue(EpollEvents.isPacked("amd64"));
    assertFalse(EpollEvents.isPacked("aarch64"));
    EpollEvents events = new EpollEvents(2);
    events.set(0, 5, -1).set(1, 4, 0x0102030405060708L);
    assertEquals(5, events.bits(0));
    assertEquals(-1, events.token(0));
    assertEquals(4, events.bits(1));
    assertEquals(0x0102030405060708L, events.token(1));
  }

  @Test
  void waits_are_rounded_up_to_whole_milliseconds() {
    assertEquals(0, PollBits.millisRoundedUp(0));
    assertEquals(1, PollBits.millisRoundedUp(1));
    assertEquals(1, PollBits.millisRoundedUp(1_000_000));
    assertEquals(2, PollBits.millisRoundedUp(1_000_001));
    assertEquals(Integer.MAX_VALUE, PollBits.millisRoundedUp(Long.MAX_VALUE));
  }

  private Map<Long, FdEvents> pollNow() {
    return poll(0);
  }

  private Map<Long, FdEvents> poll(long timeoutNanos) {
    Map<Long, FdEvents> found = new TreeMap<>();
    poller.poll(timeoutNanos, found::put);
    return found;
  }
}
