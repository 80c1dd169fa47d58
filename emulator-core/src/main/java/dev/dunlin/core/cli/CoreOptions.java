package dev.dunlin.core.cli;

import com.google.common.collect.ImmutableList;

/**
 * The options that an emulator has without any module. One is here when Dunlin has its effect, or
 * when it asks for nothing that Dunlin lacks ({@code -display none}); every other is refused.
 */
public final class CoreOptions {
  private static final ImmutableList<OptionSpec> SPECS =
      ImmutableList.of(
          OptionSpec.flag("help", "display this help and exit (also -h)"),
          OptionSpec.flag("version", "display version information and exit"),
          new OptionSpec(
              "machine",
              "[type=]name[,prop=value...]",
              """
              selects the machine ('-machine help' for list; also -M)
              suppress-vmdesc=on|off leaves the description out of the stream (default=off)
              memory-backend=id takes the RAM from -object memory-backend-...,id=id\
              """),
          new OptionSpec(
              "m",
              "[size=]megs",
              "configure guest RAM\nsize: initial amount of guest memory (default: 128MiB)"),
          new OptionSpec(
              "name",
              "string[,debug-threads=on|off]",
              "set the name of the guest\ndebug-threads: threads always have names"),
          new OptionSpec("uuid", "%08x-%04x-%04x-%04x-%012x", "specify machine UUID"),
          new OptionSpec("pidfile", "file", "write PID to 'file'"),
          OptionSpec.flag("S", "freeze CPU at startup (use 'c' to start execution)"),
          new OptionSpec(
              "object",
              "TYPENAME,id=id,size=size[,...]",
              """
              create guest RAM to be named by -machine memory-backend=
              TYPENAME: memory-backend-ram, or memory-backend-file with mem-path=PATH
              and share=on|off
              secret,id=id,file=PATH|data=TEXT[,format=raw|base64] for options that name it
              filter-dump,id=id,netdev=id,file=FILE[,maxlen=N] records frames (pcap)\
              """),
          new OptionSpec(
              "device",
              "driver[,prop=value][,...]",
              """
              add device (based on driver)
              loader,file=FILE,addr=ADDR puts a file into guest RAM
              ram-writer,start=ADDR,end=ADDR,rate=RATE changes guest RAM as a guest would
              a network card: e1000,netdev=id,mac=MAC\
              """),
          new OptionSpec(
              "global", "driver.property=value", "set a global default for a driver property"),
          new OptionSpec("bios", "file", "set the filename for the BIOS"),
          new OptionSpec("option-rom", "file", "load a file into the option ROM space"),
          new OptionSpec("L", "path", "set the directory for the BIOS (may be repeated)"),
          new OptionSpec("vga", "std|none", "select whether there is video memory"),
          new OptionSpec(
              "net",
              "nic[,macaddr=mac][,model=type][,netdev=nd][,vlan=n]",
              """
              configure a network card and connect it to hub 0
              -net user[,option=value...] connects a user network to hub 0
              -net none leaves out the default card and network\
              """),
          new OptionSpec("netdev", "type,id=str[,option=value...]", "configure a network backend"),
          new OptionSpec(
              "nic",
              "type|none[,option][,mac=mac][,model=mn]",
              "configure a network backend and a card at once"),
          new OptionSpec("monitor", "dev", "redirect the monitor to char device 'dev'"),
          new OptionSpec("qmp", "dev", "like -monitor but opens in 'control' mode"),
          new OptionSpec("qmp-pretty", "dev", "like -qmp but uses pretty JSON formatting"),
          new OptionSpec(
              "mon",
              "[chardev=]name[,mode=readline|control][,pretty[=on|off]]",
              "set up a monitor on a char device"),
          new OptionSpec(
              "chardev",
              "backend,id=id[,option=value...]",
              "configure a char device\n"
                  + "backends: null, stdio, socket, pipe, file, pty, serial, ringbuf"),
          OptionSpec.flag("nodefaults", "don't create default devices"),
          OptionSpec.flag("no-reboot", "exit instead of rebooting"),
          OptionSpec.flag("no-shutdown", "stop before shutdown"),
          new OptionSpec("display", "none", "there is no display"),
          OptionSpec.flag(
              "nographic", "no display; monitor on stdio unless -monitor says otherwise"),
          new OptionSpec("serial", "none|null", "there is no serial port"),
          new OptionSpec("parallel", "none|null", "there is no parallel port"),
          OptionSpec.flag("snapshot", "accepted: there is no disk to write to"),
          OptionSpec.flag("no-user-config", "accepted: there is no configuration file"),
          OptionSpec.flag("nodefconfig", "accepted: there is no configuration file"),
          OptionSpec.flag("no-kvm", "accepted: there is no KVM"),
          OptionSpec.flag("no-acpi", "accepted: there is no ACPI"));

  private CoreOptions() {}

  public static ImmutableList<OptionSpec> specs() {
    return SPECS;
  }
}
