package dev.dunlin.examples;

import dev.dunlin.core.DefaultEmulator;
import dev.dunlin.core.EmulatorBuilder;
import dev.dunlin.core.cli.CoreOptions;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.cli.OptionTable;
import dev.dunlin.core.net.NetworkModule;
import dev.dunlin.core.net.NicPort;
import dev.dunlin.core.net.frame.Frame;
import dev.dunlin.core.posix.PosixException;
import dev.dunlin.examples.board.Firmware;
import dev.dunlin.ram.GuestRam;
import dev.dunlin.ram.PhysicalMap;
import dev.dunlin.slirp.GuestConnection;
import dev.dunlin.slirp.GuestServer;
import dev.dunlin.slirp.UserNetModule;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A board on a user network, without a thread for it: the CPU's thread executes the guest, carries
 * its frames, lets the network do its work and, since it is there anyway, serves the guest a page
 * at 10.0.2.100:80.
 */
final class NetBoard implements AutoCloseable {
  private static final byte[] PAGE =
      "HTTP/1.0 200 OK\r\n\r\nThis is your board.\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Firmware guest = new Firmware();
  private final NicPort card = NicPort.builder().netdev("n").burst(16).ownLoop().build();
  private final GuestServer pages = new GuestServer();
  private final List<GuestConnection> readers = new ArrayList<>();
  private final byte[] cardMemory = new byte[NicPort.PLAIN_FRAME];
  private final DefaultEmulator emulator;
  private final Thread loop = new Thread(this::runEmulator, "emulator");
  private final Thread cpu = new Thread(this::runCpu, "board cpu");
  private volatile boolean on = true;
  private volatile boolean online;

  NetBoard() throws OptionException, PosixException {
    UserNetModule users = new UserNetModule().guestServer("pages", pages);
    String network = "user,id=n,guestfwd=tcp:10.0.2.100:80-handler:pages";
    emulator =
        new EmulatorBuilder()
            .machine("board-1", new GuestRam(List.of(), new PhysicalMap(List.of())))
            .module(users)
            .module(new NetworkModule(users.netBackends()))
            .card(card)
            .configure(OptionTable.of(CoreOptions.specs()).parse(List.of("-netdev", network)))
            .build();
    loop.start();
    cpu.start();
  }

  /** Whether the guest has an address and a router that answers. */
  boolean isOnline() {
    return online;
  }

  private void runEmulator() {
    try {
      emulator.runUntilQuit();
    } catch (OptionException e) {
      throw new IllegalStateException(e);
    }
  }

  private void runCpu() {
    while (on) {
      send(guest.next());
      card.service(1_000_000);
      Frame frame;
      while ((frame = card.toGuest()) != null) {
        int length = frame.length();
        frame.bytes().get(frame.start(), cardMemory, 0, length);
        frame.release();
        send(guest.receive(cardMemory, length));
      }
      online = guest.hasNetwork();
      servePages();
    }
  }

  private void send(byte[] frame) {
    if (frame.length > 0) {
      card.fromGuest(frame, 0, frame.length);
    }
  }

  private void servePages() {
    GuestConnection arrived;
    while ((arrived = pages.accept()) != null) {
      readers.add(arrived);
    }
    for (GuestConnection reader : readers) {
      if (reader.read(ByteBuffer.allocate(1024)) > 0) {
        reader.write(ByteBuffer.wrap(PAGE));
        reader.end();
      }
    }
    readers.removeIf(GuestConnection::isOver);
  }

  @Override
  public void close() throws InterruptedException {
    on = false;
    cpu.join();
    emulator.quit(0);
    loop.join();
  }
}
