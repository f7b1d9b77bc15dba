/** All ports free ones: nothing that runs on this machine is in the way. */
export const FREE_PORTS = {
  SURTITRE_HTTP_PORT: '0',
  SURTITRE_SOCKET_PORT: '0',
  SURTITRE_AGENT_HEALTH_PORT: '0',
  SURTITRE_LIVEKIT_PORT: '0',
  SURTITRE_LIVEKIT_UDP_PORT: '0',
};
