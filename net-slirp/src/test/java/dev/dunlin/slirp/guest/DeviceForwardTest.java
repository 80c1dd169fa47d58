package dev.dunlin.slirp.guest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dunlin.core.chardev.Chardev;
import dev.dunlin.core.chardev.ChardevSyntax;
import dev.dunlin.core.chardev.RingbufChardev;
import dev.dunlin.core.cli.OptionException;
import dev.dunlin.core.run.RunState;
import dev.dunlin.slirp.TestEmulator;
import dev.dunlin.slirp.TestNetworks;
import dev.dunlin.slirp.UserNetwork;
import dev.dunlin.slirp.testing.Packets;
import dev.dunlin.testing.Await;
import dev.dunlin.testing.NoLeaks;
import dev.dunlin.testing.OwnThread;
import dev.dunlin.testing.RequiresPeer;
import dev.dunlin.testing.UnixConnection;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Guest forwards to character devices, from a real kernel to real files, sockets and terminals. */
@NoLeaks
@RequiresPeer({"ip", "sysctl"})
@Timeout(120)
class DeviceForwardTest {
  private TestEmulator emulator;
  @TempDir Path directory;

  @BeforeEach
  void start() throws Exception {
    emulator = new TestEmulator();
  }

  @AfterEach
  void stop() throws Exception {
    emulator.close();
  }

  private GuestLab lab(String target) throws Exception {
    String options = "guestfwd=tcp:10.0.2.100:1234-" + target.replace(",", ",,");
    return GuestLab.start(emulator.network(options, Map.of()), n -> emulator.on(n::start))
        .withAddress();
  }

  private void add(String option) throws Exception {
    ChardevSyntax.Named named = ChardevSyntax.parseOption(option);
    emulator.on(() -> emulator.chardevs().add(named.id(), named.spec()));
  }

  private static Socket connect(GuestLab lab) {
    return lab.guest.call(
        () -> {
          Socket socket = new Socket();
          socket.connect(new InetSocketAddress("10.0.2.100", 1234), 60_000);
          socket.setSoTimeout(60_000);
          return socket;
        });
  }

  private static void say(Socket guest, String text) throws IOException {
    guest.getOutputStream().write(text.getBytes(US_ASCII));
  }

  private static String hear(Socket guest, int length) throws IOException {
    return new String(guest.getInputStream().readNBytes(length), US_ASCII);
  }

  private static CompletableFuture<Void> send(Socket guest, byte[] bytes) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            guest.getOutputStream().write(bytes);
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        },
        OwnThread.EACH);
  }

  @Test
  void one_device_serves_all_connections_and_talks_to_the_newest() throws Exception {
    Path path = directory.resolve("s");
    try (GuestLab lab = lab("unix:" + path + ",server=on,wait=off");
        UnixConnection peer = UnixConnection.connect(path);
        Socket first = connect(lab)) {
      say(first, "one");
      assertEquals("one", text(peer, 3));
      peer.output().write("to one".getBytes(US_ASCII));
      assertEquals("to one", hear(first, 6));
      try (Socket second = connect(lab)) {
        say(second, "two");
        assertEquals("two", text(peer, 3));
        say(first, "one again");
        assertEquals("one again", text(peer, 9));
        peer.output().write("to two".getBytes(US_ASCII));
        assertEquals("to two", hear(second, 6));
      }
      // With the second gone it is the first's again, and the device never noticed. Its flow goes
      // when the device's loop has ended it too: what is said before that is still said to it.
      Await.until("one connection is left", () -> TestNetworks.flows(lab.network).size() == 1);
      peer.output().write("to one again".getBytes(US_ASCII));
      assertEquals("to one again", hear(first, 12));
    }
    assertFalse(Files.exists(path), "the device went with its network");
  }

  private static String text(UnixConnection peer, int length) throws IOException {
    return new String(peer.input().readNBytes(length), US_ASCII);
  }

  @Test
  void what_the_guest_says_before_the_other_side_comes_waits_for_it() throws Exception {
    Path path = directory.resolve("s");
    try (GuestLab lab = lab("unix:" + path + ",server=on,wait=off");
        Socket guest = connect(lab)) {
      say(guest, "early");
      assertEquals("0 bytes", emulator.on(() -> device().queued() + " bytes"));
      try (UnixConnection peer = UnixConnection.connect(path)) {
        assertEquals("early", text(peer, 5));
      }
      // A server's device outlives its client, and so does the guest's connection.
      Await.until("the client's end is seen", () -> !emulator.on(() -> device().isOpen()));
      say(guest, "between");
      try (UnixConnection peer = UnixConnection.connect(path)) {
        assertEquals("between", text(peer, 7));
        peer.output().write("hello".getBytes(US_ASCII));
        assertEquals("hello", hear(guest, 5));
      }
    }
  }

  @Test
  void clients_of_a_device_come_and_go_without_a_guest_and_their_words_wait_in_order()
      throws Exception {
    Path path = directory.resolve("s");
    try (GuestLab lab = lab("unix:" + path + ",server=on,wait=off")) {
      UnixConnection silent = UnixConnection.connect(path);
      Await.until("it is taken", () -> emulator.on(() -> device().isOpen()));
      silent.close();
      Await.until("the device is free", () -> !emulator.on(() -> device().isOpen()));
      for (String words : new String[] {"first ", "second "}) {
        try (UnixConnection peer = UnixConnection.connect(path)) {
          peer.output().write(words.getBytes(US_ASCII));
        }
      }
      try (Socket guest = connect(lab)) {
        assertEquals("first second ", hear(guest, 13));
      }
    }
  }

  private Chardev device() {
    return emulator.chardevs().find("guestfwd.tcp.1234").orElseThrow();
  }

  @Test
  void a_device_that_does_not_read_holds_the_guest_and_loses_nothing() throws Exception {
    Path path = directory.resolve("s");
    byte[] sent = Packets.noise(12_000_000, 3);
    try (GuestLab lab = lab("unix:" + path + ",server=on,wait=off");
        SocketChannel peer = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      peer.connect(UnixDomainSocketAddress.of(path));
      try (Socket guest = connect(lab)) {
        CompletableFuture<Void> sending = send(guest, sent);
        assertThrows(TimeoutException.class, () -> sending.get(2, TimeUnit.SECONDS));
        long queued = emulator.on(() -> device().queued());
        assertTrue(queued < 200_000, "queued for the device: " + queued);
        ByteBuffer got = ByteBuffer.allocate(sent.length);
        while (got.hasRemaining()) {
          assertTrue(peer.read(got) > 0);
        }
        assertEquals(ByteBuffer.wrap(sent), got.flip());
        sending.get(60, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void a_guest_that_does_not_read_holds_the_device_and_loses_nothing() throws Exception {
    Path path = directory.resolve("s");
    byte[] sent = Packets.noise(12_000_000, 4);
    try (GuestLab lab = lab("unix:" + path + ",server=on,wait=off");
        SocketChannel peer = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      peer.connect(UnixDomainSocketAddress.of(path));
      CompletableFuture<Void> sending =
          CompletableFuture.runAsync(
              () -> {
                try {
                  ByteBuffer rest = ByteBuffer.wrap(sent);
                  while (rest.hasRemaining()) {
                    peer.write(rest);
                  }
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              },
              OwnThread.EACH);
      // Without a connection the device isn't read at all.
      assertThrows(TimeoutException.class, () -> sending.get(1, TimeUnit.SECONDS));
      try (Socket guest = connect(lab)) {
        assertThrows(TimeoutException.class, () -> sending.get(1, TimeUnit.SECONDS));
        assertArrayEquals(sent, guest.getInputStream().readNBytes(sent.length));
        sending.get(60, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void a_client_is_connected_from_the_start_and_its_end_is_the_guests() throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        GuestLab lab = lab("tcp:127.0.0.1:" + listener.getLocalPort());
        Socket accepted = listener.accept();
        Socket guest = connect(lab)) {
      accepted.setSoTimeout(60_000);
      say(guest, "hello");
      assertEquals("hello", hear(accepted, 5));
      say(accepted, "bye");
      accepted.close();
      assertEquals("bye", new String(guest.getInputStream().readAllBytes(), US_ASCII));
      assertThrows(IllegalStateException.class, () -> connect(lab));
    }
  }

  @Test
  void a_client_whose_server_is_not_there_fails_the_start() throws Exception {
    Path path = directory.resolve("nobody");
    assertEquals(
        "Could not open guest forwarding device 'guestfwd.tcp.1234': Failed to connect to '"
            + path
            + "': No such file or directory",
        refusal("unix:" + path));
  }

  /** Why a network with this forward doesn't start. */
  private String refusal(String target) throws Exception {
    UserNetwork network = emulator.network("guestfwd=tcp:10.0.2.100:1234-" + target, Map.of());
    ExecutionException failed =
        assertThrows(
            ExecutionException.class,
            () -> emulator.on(network::start).toCompletableFuture().get(60, TimeUnit.SECONDS));
    return String.valueOf(assertInstanceOf(OptionException.class, failed.getCause()).getMessage());
  }

  @Test
  void connect_makes_another_connection_for_each() throws Exception {
    Path path = directory.resolve("s");
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(path));
      try (GuestLab lab = lab("connect:unix:" + path)) {
        for (int i = 0; i < 3; i++) {
          try (Socket guest = connect(lab);
              SocketChannel accepted = listener.accept()) {
            accepted.write(ByteBuffer.wrap("hi".getBytes(US_ASCII)));
            accepted.close();
            assertEquals("hi", new String(guest.getInputStream().readAllBytes(), US_ASCII));
          }
        }
      }
    }
  }

  @Test
  void null_swallows_a_ring_keeps_the_end_and_a_file_keeps_all() throws Exception {
    byte[] sent = Packets.noise(3_000_000, 5);
    add("null,id=n");
    add("ringbuf,id=r,size=1024");
    Path file = directory.resolve("log");
    for (String target : new String[] {"chardev:n", "chardev:r", "file:" + file}) {
      Chardev ring = emulator.on(() -> emulator.chardevs().find("r").orElse(null));
      try (GuestLab lab = lab(target);
          Socket guest = connect(lab)) {
        send(guest, sent).get(60, TimeUnit.SECONDS);
        guest.shutdownOutput();
        // The guest's end is answered with ours, after everything was taken.
        assertEquals(-1, guest.getInputStream().read());
        if (target.endsWith(":r")) {
          byte[] kept = emulator.on(() -> ((RingbufChardev) ring).read(2000));
          assertArrayEquals(Arrays.copyOfRange(sent, sent.length - 1024, sent.length), kept);
        }
      }
    }
    assertArrayEquals(sent, Files.readAllBytes(file));
  }

  @Test
  void a_pair_of_fifos_and_a_terminal_talk_with_the_guest() throws Exception {
    for (String side : new String[] {"in", "out"}) {
      new ProcessBuilder("mkfifo", directory.resolve("p." + side).toString()).start().waitFor();
    }
    try (GuestLab lab = lab("pipe:" + directory.resolve("p"));
        RandomAccessFile in = new RandomAccessFile(directory.resolve("p.in").toFile(), "rw");
        RandomAccessFile out = new RandomAccessFile(directory.resolve("p.out").toFile(), "rw");
        Socket guest = connect(lab)) {
      in.write("hello".getBytes(US_ASCII));
      assertEquals("hello", hear(guest, 5));
      say(guest, "world");
      byte[] said = new byte[5];
      out.readFully(said);
      assertEquals("world", new String(said, US_ASCII));
    }
    try (GuestLab lab = lab("pty")) {
      String name = emulator.on(() -> device().filename()).substring("pty:".length());
      try (RandomAccessFile terminal = new RandomAccessFile(name, "rw");
          Socket guest = connect(lab)) {
        Await.until("it is seen", () -> emulator.on(() -> device().isOpen()));
        terminal.write("hello\n".getBytes(US_ASCII));
        assertEquals("hello\n", hear(guest, 6));
        say(guest, "world\n");
        byte[] said = new byte[6];
        terminal.readFully(said);
        assertEquals("world\n", new String(said, US_ASCII));
      }
    }
  }

  @Test
  void a_device_in_use_or_unknown_is_refused_and_goes_with_its_network() throws Exception {
    add("null,id=n");
    try (GuestLab lab = lab("chardev:n")) {
      assertTrue(emulator.on(() -> emulator.chardevs().find("n").orElseThrow().isBusy()));
      assertEquals("Device 'n' is in use", refusal("chardev:n"));
      assertTrue(lab.network.forwards().isEmpty());
    }
    // As in QEMU, where the forward owns what it was given.
    Await.until("it is gone", () -> emulator.on(() -> emulator.chardevs().find("n").isEmpty()));
  }

  @Test
  void a_server_that_waits_holds_the_guest_until_its_client_is_there() throws Exception {
    Path path = directory.resolve("s");
    try (GuestLab lab = lab("unix:" + path + ",server=on")) {
      assertFalse(emulator.run().autostart());
      try (UnixConnection peer = UnixConnection.connect(path)) {
        Await.until("the guest runs", () -> emulator.run().state() == RunState.RUNNING);
        try (Socket guest = connect(lab)) {
          say(guest, "up");
          assertEquals("up", text(peer, 2));
        }
      }
    }
  }
}
