package dev.dunlin.slirp.wire;

/** Numbers of DHCP options (RFC 2132 where nothing else is said). */
public final class DhcpOption {
  public static final int PAD = 0;
  public static final int SUBNET_MASK = 1;
  public static final int ROUTER = 3;
  public static final int DNS = 6;
  public static final int HOST_NAME = 12;
  public static final int DOMAIN_NAME = 15;
  public static final int INTERFACE_MTU = 26;
  public static final int BROADCAST = 28;
  public static final int REQUESTED_ADDRESS = 50;
  public static final int LEASE_TIME = 51;
  public static final int OVERLOAD = 52;
  public static final int MESSAGE_TYPE = 53;
  public static final int SERVER_ID = 54;
  public static final int PARAMETER_LIST = 55;
  public static final int MESSAGE = 56;
  public static final int MAX_MESSAGE_SIZE = 57;
  public static final int RENEWAL_TIME = 58;
  public static final int REBINDING_TIME = 59;
  public static final int VENDOR_CLASS = 60;
  public static final int CLIENT_ID = 61;
  public static final int TFTP_SERVER_NAME = 66;
  public static final int BOOT_FILE = 67;

  /** RFC 4039. */
  public static final int RAPID_COMMIT = 80;

  /** RFC 3397, encoded as RFC 1035 names. */
  public static final int DOMAIN_SEARCH = 119;

  /** RFC 3442. */
  public static final int CLASSLESS_ROUTES = 121;

  public static final int END = 255;

  private DhcpOption() {}
}
