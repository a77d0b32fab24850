public enum ClientStore {}
