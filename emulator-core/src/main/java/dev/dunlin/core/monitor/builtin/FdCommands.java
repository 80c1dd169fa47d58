package dev.dunlin.core.monitor.builtin;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.dunlin.core.monitor.HmpCommand;
import dev.dunlin.core.monitor.MonitorException;
import dev.dunlin.core.monitor.MonitorRegistry;
import dev.dunlin.core.monitor.QmpCommand;
import dev.dunlin.core.monitor.QmpCommand.Parameter;
import dev.dunlin.core.monitor.QmpType;
import dev.dunlin.core.posix.Fd;
import dev.dunlin.core.posix.FdStore;
import java.util.OptionalInt;

/** Descriptors passed over a unix monitor: {@code getfd}, {@code closefd}. Loop thread. */
final class FdCommands {
  private static final ImmutableList<Parameter> FD_NAME =
      ImmutableList.of(Parameter.required("fdname", QmpType.STRING));

  private final FdStore fds;

  FdCommands(FdStore fds) {
    this.fds = fds;
  }

  void register(MonitorRegistry monitor) {
    monitor.addHmp(
        new HmpCommand(
            "getfd",
            "fdname:s",
            "getfd name",
            "receive a file descriptor via SCM rights and assign it a name",
            call -> keep(call.takeReceivedFd(), call.string("fdname").orElseThrow())));
    monitor.addHmp(
        new HmpCommand(
            "closefd",
            "fdname:s",
            "closefd name",
            "close a file descriptor previously passed via SCM rights",
            call -> close(call.string("fdname").orElseThrow())));
    monitor.addQmp(
        new QmpCommand(
            "getfd",
            FD_NAME,
            QmpType.EMPTY,
            call -> {
              keep(call.takeReceivedFd(), call.string("fdname").orElseThrow());
              return ImmutableMap.of();
            }));
    monitor.addQmp(
        new QmpCommand(
            "closefd",
            FD_NAME,
            QmpType.EMPTY,
            call -> {
              close(call.string("fdname").orElseThrow());
              return ImmutableMap.of();
            }));
  }

  private void keep(OptionalInt received, String name) throws MonitorException {
    if (received.isEmpty()) {
      throw new MonitorException("No file descriptor supplied via SCM_RIGHTS");
    }
    if (!name.isEmpty() && Character.isDigit(name.charAt(0))) {
      closeNumber(received);
      throw new MonitorException("Parameter 'fdname' expects a name not starting with a digit");
    }
    closeNumber(fds.put(name, received.getAsInt()));
  }

  private void close(String name) throws MonitorException {
    OptionalInt fd = fds.take(name);
    if (fd.isEmpty()) {
      throw new MonitorException("File descriptor named '" + name + "' not found");
    }
    closeNumber(fd);
  }

  private static void closeNumber(OptionalInt number) {
    number.ifPresent(fd -> Fd.owning(fd).close());
  }
}
